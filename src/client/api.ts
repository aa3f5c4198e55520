import type { MembersAnswer } from '../protocol/answers';
import type { WireError } from '../protocol/codes';
import type { MessageBody, PageMessage, Ref, User } from '../protocol/entries';
import type { Unsubscribe } from './changes';
import type { ChatStorage } from './storage';

/** Without name and token one is an unnamed guest: the same one as long as the chat object or its storage lives. */
export interface ChatOptions {
  /** Origin of the fleet; in a browser the page's own by default. */
  url?: string;
  /** Name of a guest. */
  name?: string;
  /**
   * A JWT, instead of a name. A function is asked for one at each connection and before one expires; while
   * it fails, it is asked again.
   */
  token?: string | (() => string | Promise<string>);
  /** In the order in which they are tried; polling that upgrades to WebSocket, by default. What worked comes first next time. */
  transports?: ('polling' | 'websocket')[];
  /**
   * Keeps unsent messages over a reload, and who an unnamed guest is; `localStorage` in a browser, nothing
   * elsewhere. It is shared by all pages of an origin. If it throws, the chat goes on without.
   */
  storage?: ChatStorage;
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
  /** Called when state, user or rooms changed. */
  onChange(listener: () => void): Unsubscribe;
  /**
   * Joins the room, or returns it when it is joined already. Throws a ChatError (`invalid`) for a name that cannot be.
   * What the user wrote there before a reload, and what no server took yet, is in its timeline at once and is sent; it
   * waits until the room is opened, however long that takes. Who the user is must be known for that: with a function for
   * tokens it is from the hello on.
   */
  room(name: string): Room;
  /**
   * The user's rooms, joined here or not, with what is unread. The same array until it changes; `onChange` tells.
   * Servers that are without their store say nothing: then it is the rooms that are joined here.
   */
  rooms(): readonly ListedRoom[];
  /** The name of the room for this user and another one, or why there is none. */
  openDirect(userId: string): Promise<{ room: string } | { error: WireError }>;
  /** Tries to connect now instead of waiting for the next try; also after `refused`. */
  connect(): void;
  /** Ends the connection for good. */
  close(): void;
}

/** `joining`: also while the connection is away. `refused`: the room is closed to this user. */
export type RoomState = { kind: 'joining' } | { kind: 'joined' } | { kind: 'refused'; error: WireError };

/** A message as a person sees it; a deleted one has the text ''. The same message unchanged is the same object. */
export type ShownMessage = Pick<MessageBody, 'id' | 'from' | 'at' | 'text' | 'replyTo'> &
  Pick<PageMessage, 'deleted' | 'edited' | 'reactions'> & {
    /** Stays the same from the first showing on, so that a row is updated and never replaced. */
    key: string;
    state: 'committed' | 'queued' | 'sending' | 'failed';
    /** Position in the room's log, once committed. */
    seq?: number;
    /** Why it failed. */
    error?: WireError;
  };

/** Who is in a room now. A value. */
export interface Here {
  /** Undefined until a server said it. */
  count: number | undefined;
  /** Sorted by user id; in a room of more than 200 not all of them. */
  people: readonly User[];
  /** The store is away: those on this server alone. */
  partial: boolean;
}

/** A room of the user, with the number of messages that he has not read. */
export interface ListedRoom {
  readonly room: string;
  readonly unread: number;
}

/** What a search found. */
export interface Found {
  messages: readonly ShownMessage[];
  /** Nothing older matches. */
  complete: boolean;
}

export interface Room {
  /** In its one spelling (NFC). */
  readonly name: string;
  readonly state: RoomState;
  /** Nothing older exists than what the timeline shows. */
  readonly complete: boolean;
  /** Identity of the room's log, once known: a seq means nothing in another one. */
  readonly epoch: string | undefined;
  /** How many of its messages this user has read, anywhere; undefined until that is known, and then nothing counts as unread. */
  readonly read: number | undefined;
  /** Messages after the last one that this user has read, anywhere. `onChange` of the chat tells. */
  readonly unread: number;
  /** One list in the order of the log, without doubles; what is not committed yet comes last. The same array until it changes. */
  timeline(): readonly ShownMessage[];
  /** Shows the text at once and sends it as soon as that is possible. Returns the message's id; outcomes are seen in the timeline. */
  send(text: string, replyTo?: Ref): string;
  /** Sends a failed message again. */
  retry(id: string): void;
  /** Forgets a failed message. */
  discard(id: string): void;
  /**
   * Asks, with one id, until a server says yes (undefined) or no; after 30 s without an answer it is `unavailable`,
   * and the timeline shows what became of it. Actions are carried out one after the other.
   */
  edit(target: Ref, text: string): Promise<WireError | undefined>;
  /** Deletes the message for everybody. As `edit`. */
  remove(target: Ref): Promise<WireError | undefined>;
  /** Adds the user's reaction, or takes it back. As `edit`. */
  react(target: Ref, emoji: string, on: boolean): Promise<WireError | undefined>;
  /** To be called at each input: `active` as long as there is a text. Others are told as rarely as possible. */
  typing(active: boolean): void;
  /** Who else is typing. The same array until it changes. */
  typists(): readonly User[];
  /** Who is here now, with names from `watchHere` on. The same object until it changes. */
  here(): Here;
  /** Asks for the names of those who are here, and keeps up with them until everybody who asked has unsubscribed. */
  watchHere(): Unsubscribe;
  /** One page of those who are here, from the start or from the `cursor` of the page before. */
  members(cursor?: string): Promise<MembersAnswer | { error: WireError }>;
  /** The user has read up to and including this seq of the timeline. Servers are told at most once a second. */
  markRead(seq: number): void;
  /**
   * Reads the page before what is shown, of 50 messages or up to `limit` (at most 200). Resolves when it is there,
   * or with the error that prevented it. While the connection is away it does nothing.
   */
  older(limit?: number): Promise<WireError | undefined>;
  /**
   * The newest messages that contain the query, before this seq if one is given: ascending, as they are now.
   * Whatever the case and the spelling in Unicode counts.
   */
  search(query: string, before?: number): Promise<Found | { error: WireError }>;
  /** Called when state, timeline, `complete`, typists or who is here changed. */
  onChange(listener: () => void): Unsubscribe;
  /** Stops receiving the room. This object ends with it. */
  detach(): void;
  /** Ends the membership too. While the connection is away it does what detach does. */
  leave(): void;
}
