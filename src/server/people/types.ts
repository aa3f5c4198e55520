/** What a user may do, by the claims of the token; guests have none. */
export interface Rights {
  /** Patterns of the rooms that may be joined, with `*` for any characters; missing: all. */
  rooms?: string[];
  /** Moderators delete messages of others too. */
  role?: 'moderator';
}

/** How far a user has read in a room. `n`: messages up to there. Of another epoch than the log's: nothing is read. */
export interface ReadMark {
  epoch: string;
  seq: number;
  n: number;
}

/** The rooms of a user, with what he has read there; the lobby only if he has read there. */
export type UserRooms = Map<string, ReadMark | undefined>;

/**
 * The seam to the store of memberships and read positions, over all servers, restarts and devices.
 *
 * An implementation must
 * - keep what `change` says also while the store is away, within bounds, and write it when `flush` is called;
 * - move a read position forward only, as one atomic step over all servers;
 * - reject any promise with `ChatError('unavailable')` when the store does not answer in time.
 * It must not throw in any other way, or wait for ever.
 */
export interface Memberships {
  /** All rooms of the user, what is not written yet included. */
  of(userId: string): Promise<UserRooms>;
  /** From now on the user is a member, if he has fewer than `most` rooms; or is not one any more. Returns at once. */
  change(userId: string, room: string, member: boolean, most?: number): void;
  /** Moves the position if this one is further. The position in force then; undefined if the user is no member. */
  mark(userId: string, room: string, mark: ReadMark): Promise<ReadMark | undefined>;
  /** Writes what could not be written before. */
  flush(): void;
}
