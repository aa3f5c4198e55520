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
 * What became of a change. `same`: it was so already; `full`: he has too many rooms; `dropped`: a later change took
 * its place, or too many were waiting.
 */
export type ChangeOutcome = 'changed' | 'same' | 'full' | 'dropped';

/**
 * The seam to the store of memberships and read positions, over all servers, restarts and devices.
 *
 * An implementation must
 * - keep what `change` and `invite` say also while the store is away, within bounds that nobody uses up for others,
 *   and write it when `flush` is called;
 * - move a read position forward only, as one atomic step over all servers;
 * - reject the promises of `of` and `mark` with `ChatError('unavailable')` when the store does not answer in time.
 * It must not throw in any other way, or wait for ever; `change` and `invite` wait as long as the store is away.
 */
export interface Memberships {
  /** All rooms of the user, what is not written yet included. */
  of(userId: string): Promise<UserRooms>;
  /** From now on the user is a member, if he has fewer than 1,000 rooms; or is not one any more. Never rejects. */
  change(userId: string, room: string, member: boolean): Promise<ChangeOutcome>;
  /**
   * As `change`, by somebody else: `full` from half as many rooms on, and of a user of whom nothing was known it is
   * forgotten after a day, unless he comes.
   */
  invite(userId: string, room: string): Promise<ChangeOutcome>;
  /** Moves the position if this one is further. The position in force then; undefined if the user is no member. */
  mark(userId: string, room: string, mark: ReadMark): Promise<ReadMark | undefined>;
  /** Writes what could not be written before. */
  flush(): void;
}
