import type { WireError } from '../protocol/codes';
import type { User } from '../protocol/entries';
import type { Unsubscribe } from './changes';
import type { ShownMessage } from './shown';

/** Without name and token one is an unnamed guest: the same one as long as the chat object lives. */
export interface ChatOptions {
  /** Origin of the fleet; in a browser the page's own by default. */
  url?: string;
  /** Name of a guest. */
  name?: string;
  /** A JWT, instead of a name. */
  token?: string;
}

/**
 * `connecting` until the first hello, `reconnecting` after a loss: both go on by themselves for ever.
 * `refused` needs the caller: the error is final, asking again the same way changes nothing.
 */
export type ChatState =
  | { kind: 'connecting' | 'reconnecting'; /** ms since 1970 */ since: number }
  | { kind: 'online'; /** name of the server that one is on */ server: string }
  | { kind: 'refused'; error: WireError }
  | { kind: 'closed' };

/** One person's connection to the fleet. It comes back by itself; rooms and what was written survive that. */
export interface Chat {
  readonly state: ChatState;
  /** Who one is, known from the first hello on. */
  readonly user: User | undefined;
  /** Called when state or user changed. */
  onChange(listener: () => void): Unsubscribe;
  /** Joins the room, or returns it when it is joined already. Throws a ChatError (`invalid`) for a name that cannot be. */
  room(name: string): Room;
  /** Tries to connect now instead of waiting for the next try; also after `refused`. */
  connect(): void;
  /** Ends the connection for good. */
  close(): void;
}

/** `joining`: also while the connection is away. `refused`: the room is closed to this user. */
export type RoomState = { kind: 'joining' } | { kind: 'joined' } | { kind: 'refused'; error: WireError };

export interface Room {
  /** In its one spelling (NFC). */
  readonly name: string;
  readonly state: RoomState;
  /** Nothing older exists than what the timeline shows. */
  readonly complete: boolean;
  /** One list in the order of the log, without doubles; what is not committed yet comes last. The same array until it changes. */
  timeline(): readonly ShownMessage[];
  /** Shows the text at once and sends it as soon as that is possible. Returns the message's id; outcomes are seen in the timeline. */
  send(text: string): string;
  /** Sends a failed message again. */
  retry(id: string): void;
  /** Forgets a failed message. */
  discard(id: string): void;
  /** Reads the page before what is shown. Resolves when it is there, or with the error that prevented it. */
  older(): Promise<WireError | undefined>;
  /** Called when state, timeline or `complete` changed. */
  onChange(listener: () => void): Unsubscribe;
  /** Stops receiving the room. This object ends with it. */
  detach(): void;
  /** Ends the membership too. While the connection is away it does what detach does. */
  leave(): void;
}
