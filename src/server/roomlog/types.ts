import type { Entry, EntryBody, PageMessage } from '../../protocol/entries';

/** Where a room's log stands. `first`: the oldest kept seq, head + 1 if none. `n`: messages up to head. */
export interface LogState {
  epoch: string;
  first: number;
  head: number;
  n: number;
}

export type LogHead = LogState;

/** Messages as they are now, ascending, with the state of the log at the same instant. `more`: there are further ones. */
export interface LogPage extends LogState {
  messages: PageMessage[];
  more: boolean;
}

/** Which messages: those nearest to a seq, on one side of it. The bound is exclusive. */
export type PageBound = { before: number } | { after: number };

/** Entries of a log in rising seq, with the state of the log at the same instant. */
export interface LogSlice extends LogState {
  entries: Entry[];
}

/**
 * What the log did with an entry. `repeat`: it had it already, this is its place; `conflict`: with another content;
 * `no_target`: the message that it changes is not there, or deleted; `full`: that message has too many reactions or edits.
 */
export interface AppendResult {
  status: 'new' | 'repeat' | 'conflict' | 'no_target' | 'full';
  epoch: string;
  seq: number;
  at: number;
}

/** Without `concerns` it is about all rooms. */
export type ForgetfulListener = (concerns?: (room: string) => boolean) => Promise<void>;

/**
 * The seam to the store of room logs.
 *
 * An implementation must
 * - carry out `append` as one atomic step: drop repeats by (from.id, id), give the next seq, store the entry and
 *   what it changes, publish;
 * - let go of the text of a deleted message and of its edits: what is left of them are tombstones;
 * - answer `append` only for what is stored, in the order of the batch;
 * - publish to every server, in the order of the log; publications may get lost, never change;
 * - begin a new epoch when the store has gone back behind what this server has seen of a subscribed room;
 * - reject any promise with `ChatError('unavailable')` when the store does not answer in time. An
 *   append that was rejected may have happened: the caller repeats it with the same ids.
 * It must not throw in any other way, keep commands for later, or wait for ever.
 */
export interface RoomLog {
  append(room: string, bodies: EntryBody[]): Promise<AppendResult[]>;
  /** Entries with seq > `after`, at most `limit`, from the oldest kept. A room without a log gets an epoch. */
  readAfter(room: string, after: number, limit: number): Promise<LogSlice>;
  /** The last entries with seq < `before`, at most `limit`. */
  readBefore(room: string, before: number, limit: number): Promise<LogSlice>;
  /** At most `limit` messages, and no more than `maxBytes` of them, but at least one. */
  page(room: string, bound: PageBound, limit: number, maxBytes?: number): Promise<LogPage>;
  /** Where several logs stand, in one batch; undefined for a room without a log. */
  heads(rooms: string[]): Promise<(LogHead | undefined)[]>;
  /** Resolves when every later append reaches the listener, but for losses. Returns how to end it. */
  subscribe(room: string, listener: (published: LogSlice) => void): Promise<() => void>;
  /**
   * Puts back what the store has lost of these entries, which it had acknowledged, in this order. A new epoch begins if
   * it lost any of the present one. What it has is left alone. What it refuses (a room that is damaged) is reported.
   */
  restore(room: string, entries: Entry[]): Promise<void>;
  /**
   * Whether the store answers and publishes, as far as is known without asking: for this room; without a room, for
   * all. The store may be away for some rooms and there for others.
   */
  available(room?: string): boolean;
  /** Whether it answers for this room, as far as is known without asking; what it publishes may get lost. */
  answers(room: string): boolean;
  /** Whether it takes appends, as far as is known without asking: to this room; without a room, to all. */
  writable(room?: string): boolean;
  /** Whether it takes appends to any rooms. */
  writesSome(): boolean;
  /** Called each time that it takes appends, at least to some rooms, again. */
  onWritable(listener: () => void): void;
  /**
   * Called when the store may have gone back behind what it acknowledged: it takes no appends, to the rooms that this
   * `concerns`, until the promise has settled. Rejected, it is called again.
   */
  onForgetful(listener: ForgetfulListener): void;
  /** Called when publications may have been lost and are heard again. */
  onRecovered(listener: () => void): void;
}
