import type { ServerToClient } from '../../protocol/events';
import type { User } from '../../protocol/entries';
import type { Rights } from '../people/types';

type Payload<E extends keyof ServerToClient> = Parameters<ServerToClient[E]>[0];

/** An event as it goes over the wire: encoded once, for all who get it. */
export interface Packet {
  /** Its size, about. */
  readonly bytes: number;
}

export type Encode = <E extends keyof ServerToClient>(event: E, payload: Payload<E>) => Packet;

/** One client's connection to this server, as the flow sees it. */
export interface Connection {
  readonly id: string;
  /** More is on its way to it than one that reads ever leaves waiting. */
  readonly isFull: boolean;
  /** Never throws; what is sent to a closed connection is dropped. */
  send<E extends keyof ServerToClient>(event: E, payload: Payload<E>): void;
  /** The same, of what was encoded for several. In one order with all else that is sent. */
  deliver(packet: Packet): void;
  /** Resolves when the connection is not full, or closed. */
  drained(): Promise<void>;
}

/** To the connections of this server that get every entry of the room as it comes, but for one. May get lost. */
export type Announce = <E extends 'presence' | 'typing'>(
  event: E,
  payload: Payload<E>,
  except?: Connection,
) => void;

/** Tells all other connections, on all servers, that receive the room. May get lost. */
export type RelayTyping = (from: Connection, typing: Payload<'typing'>) => void;

/** What a valid token says. `expiresAt`: ms since 1970. */
export interface Verified {
  user: User;
  rights: Rights;
  expiresAt: number;
}

/** Throws `auth_invalid`, `auth_expired` or `unavailable`. */
export type VerifyToken = (token: string) => Promise<Verified>;

/** How long a session with a token lasts. */
export interface Lifetime {
  /** Moves its end. ms since 1970 */
  until(expiresAt: number): void;
  /** The connection is over. */
  stop(): void;
}

/** Whether this user may join this room. */
export type MayEnter = (user: User, rights: Rights, room: string) => boolean;

/** How hard this server is pressed, and what it gives up for that. */
export interface Load {
  /** Busy share of the event loop over about the last second, 0 to 1. */
  readonly busy: number;
  /** Whether others are not told now who types, or less often who is there. */
  sheds(what: 'typing' | 'presence'): boolean;
}

/** What one user may do over all his connections. */
export interface UserLimits {
  /** Takes one send and returns 0, or takes none and returns the milliseconds until one is taken again. Never waits. */
  takeSend(userId: string): number;
}

/** Where problems go that no client is told about. */
export type Report = (problem: string, error: unknown) => void;
