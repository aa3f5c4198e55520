import type { User } from '../../protocol/entries';
import type { MembersAnswer } from '../../protocol/events';

/** Users by id. */
export type Members = ReadonlyMap<string, User>;

/** What one server says of a room: how many users it has there. `rev` is another one after each change of them. */
export interface Summary {
  server: string;
  rev: number;
  count: number;
}

/** The members of a server as of its summary; without names where there are too many. */
export interface Elsewhere extends Summary {
  users?: Members;
}

/** What has changed on this server. `whole`: forget what was stored, these are all. */
export interface Changes {
  rev: number;
  whole: boolean;
  add: User[];
  remove: User[];
}

export interface Leases {
  /** The ids of all servers with a lease, this one's among them. */
  live: ReadonlySet<string>;
  /** This server had no lease (any more) and got one under a new id: nothing is stored under that yet. */
  anew: boolean;
}

/**
 * The seam to the store of who is present where.
 *
 * An implementation must
 * - keep what servers have stored apart by their ids, and carry out `exchange` as one atomic step;
 * - never give a lease to an id that has lost it: the server gets a new id, and an id without a lease stays dead;
 * - measure leases by one clock, whatever the clocks of the servers say;
 * - let everything expire that nobody keeps up;
 * - reject any promise with `ChatError('unavailable')` when the store does not answer in time. What was
 *   rejected may have happened.
 * It must not throw in any other way, keep commands for later, or wait for ever.
 */
export interface PresenceStore {
  /** Of this server, as of the last `renew`. */
  readonly id: string;
  /** Whether the store answers for this room, as far as is known without asking. */
  available(room: string): boolean;
  /** Keeps this server's lease for some seconds more. */
  renew(): Promise<Leases>;
  /** Lets this server's lease end after so many milliseconds. */
  resign(afterMs: number): Promise<void>;
  /** Stores what has changed, and reads the summaries of all servers, dead ones too. Rejects before the first lease. */
  exchange(room: string, changes: Changes): Promise<Summary[]>;
  summaries(room: string): Promise<Summary[]>;
  /** The users of each of these servers with ids above `after` ('' for all), sorted by id, at most `limit` of each. */
  list(room: string, servers: string[], after: string, limit: number): Promise<User[][]>;
  /** Removes what dead servers have left. */
  bury(room: string, servers: string[]): Promise<void>;
}

/** Who is present, as the flow asks for it. */
export interface Presence {
  /**
   * A page of who is in the room on all servers; with `partial` on this one alone, if the store is away.
   * Rejects with `invalid` for a cursor that no answer gave.
   */
  members(room: string, cursor?: string): Promise<MembersAnswer>;
  /** Whether the room has so many members that only their count is told. */
  isLarge(room: string): boolean;
}
