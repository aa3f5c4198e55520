import { textOf, type Entry, type Ref } from '../../protocol/entries';
import { JOIN_PAGE, MAX_JOIN_BYTES, MAX_SEQ } from '../../protocol/limits';
import { afterDelete } from '../../protocol/present';
import type { LogPage, LogSlice, RoomLog } from '../roomlog/types';
import { entryKey, type Identified } from './entry-key';
import { Newest } from './newest';
import type { Report } from './types';

const MEMORY_ENTRIES = 1_000;
const MEMORY_CHARS = 2_000_000;
const PAGE = 500;
const OPENING_PAGE = 200;

/** What a feed tells: always in the order of the log. */
export interface FeedListener {
  /** The head moved on; the new entries are in memory. */
  advanced(entries: Entry[]): void;
  /** The log began anew, or entries were trimmed that this server never saw: start over at `base`. */
  restarted(base: number): void;
}

/**
 * A server's in-order reader of one room's log. It subscribes first, then reads the log, then merges
 * by seq; a hole in what is published is filled by reading the log. Keeps the newest entries in memory.
 */
export class Feed {
  epoch: string | undefined;
  /** Entries up to `head` have been taken in; `entries` ends there, without holes. */
  head = 0;
  n = 0;
  /** Oldest seq kept by the log, as last heard; trimming is also seen when heads are compared. */
  first = 1;
  /** Messages as they are now, up to head once the feed is open. */
  private readonly newest = new Newest();
  private entries: Entry[] = [];
  private chars = 0;
  private opening: Promise<void> | undefined;
  private catchingUp: Promise<void> | undefined;
  private behind = false;
  private unsubscribe: (() => void) | undefined;
  private closed = false;

  constructor(
    readonly room: string,
    private readonly log: RoomLog,
    private readonly listener: FeedListener,
    private readonly report: Report,
  ) {}

  /** Whether it has read the log and is subscribed to it. */
  get isOpen(): boolean {
    return this.unsubscribe !== undefined && this.epoch !== undefined;
  }

  /** Seq of the oldest entry in memory, head + 1 if there is none. */
  get memoryStart(): number {
    return this.head - this.entries.length + 1;
  }

  /** Subscribes and reads what is there. Rejects with `unavailable`; may be called again then. */
  open(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.opening ??= this.subscribeAndRead().finally(() => (this.opening = undefined));
    return this.opening;
  }

  /** Entries with seq > `after` from memory, or undefined if memory does not reach back so far. */
  since(after: number, limit = Infinity): Entry[] | undefined {
    if (after < this.memoryStart - 1) return undefined;
    const from = after - this.memoryStart + 1;
    return this.entries.slice(from, from + limit);
  }

  /** Which of these messages are not among the entries in memory. */
  unseen<M extends Identified>(messages: M[]): M[] {
    if (messages.length === 0) return messages;
    const seen = new Set(this.entries.map(entryKey));
    return messages.filter((message) => !seen.has(entryKey(message)));
  }

  /** The newest messages as they are now, as far as this server knows; `complete`: nothing older is kept. */
  page(): ReturnType<Newest['page']> {
    return this.newest.page(this.first);
  }

  /** Reads the log from head on, until nothing is missing. Rejects with `unavailable`. */
  catchUp(): Promise<void> {
    this.behind = true;
    this.catchingUp ??= this.readOn().finally(() => (this.catchingUp = undefined));
    return this.catchingUp;
  }

  close(): void {
    this.closed = true;
    this.unsubscribe?.();
    this.unsubscribe = undefined;
  }

  private async subscribeAndRead(): Promise<void> {
    if (!this.unsubscribe) {
      const unsubscribe = await this.log.subscribe(this.room, (published) => this.take(published));
      if (this.closed) return unsubscribe();
      this.unsubscribe = unsubscribe;
    }
    await this.catchUp();
  }

  private take(published: LogSlice): void {
    const start = published.entries[0]?.seq ?? 0;
    if (this.closed) return;
    if (this.epoch === undefined) {
      this.behind = true; // the first read is under way, and may be older than this
    } else if (published.epoch === this.epoch && start <= this.head + 1 && published.head >= this.head) {
      this.append(published);
    } else {
      this.catchUp().catch((error: unknown) => this.report(`feed of ${this.room} could not catch up`, error));
    }
  }

  private async readOn(): Promise<void> {
    while (this.behind && !this.closed) {
      this.behind = false;
      const slice = await this.readNext();
      if (this.head < slice.head && slice.entries.length > 0) this.behind = true;
    }
  }

  private async readNext(): Promise<LogSlice> {
    if (this.epoch === undefined) return this.startOver(...(await this.readNewest(OPENING_PAGE)));
    const slice = await this.log.readAfter(this.room, this.head, PAGE);
    const start = slice.entries[0]?.seq ?? slice.head + 1;
    if (slice.epoch !== this.epoch || start > this.head + 1)
      return this.startOver(...(await this.readNewest(MEMORY_ENTRIES)));
    this.append(slice);
    return slice;
  }

  /** The page first: entries that come between the two readings bring it up to date. */
  private async readNewest(limit: number): Promise<[LogSlice, LogPage]> {
    for (;;) {
      const page = await this.log.page(this.room, { before: MAX_SEQ }, JOIN_PAGE, MAX_JOIN_BYTES);
      const slice = await this.log.readBefore(this.room, MAX_SEQ, limit);
      const adjoin = slice.entries.length === 0 || slice.entries[0]!.seq <= page.head + 1;
      if (slice.epoch === page.epoch && slice.head >= page.head && adjoin) return [slice, page];
    }
  }

  /** Goes on from the log's newest entries, and tells from where on they are to be delivered. */
  private startOver(slice: LogSlice, page: LogPage): LogSlice {
    const whole = slice.first === 1 && slice.entries.length === slice.head;
    const isFirst = this.epoch === undefined;
    this.entries = [];
    this.chars = 0;
    this.newest.reset(page);
    this.epoch = slice.epoch;
    this.head = slice.head - slice.entries.length;
    if (!isFirst) this.listener.restarted(whole ? 0 : slice.head);
    this.append(slice);
    return slice;
  }

  private append({ entries, first, head, n }: LogSlice): void {
    const fresh = entries.filter((entry) => entry.seq > this.head);
    for (const entry of fresh) this.remember(entry);
    this.newest.take(fresh);
    const last = fresh[fresh.length - 1];
    if (last) {
      this.head = last.seq;
      this.n = last.n;
    } else if (head === this.head) {
      this.n = n;
    }
    this.first = Math.max(first, 1);
    if (last) this.listener.advanced(fresh);
    this.forget();
  }

  private remember(entry: Entry): void {
    if (entry.kind === 'delete') this.redact(entry.target);
    this.entries.push(entry);
    this.chars += textOf(entry).length;
  }

  /** Memory lets go of the text of a deleted message and of its edits, as the log does. */
  private redact(target: Ref): void {
    this.entries.forEach((entry, i) => {
      this.entries[i] = afterDelete(entry, target);
      this.chars -= textOf(entry).length - textOf(this.entries[i]).length;
    });
  }

  private forget(): void {
    let surplus = Math.max(0, this.entries.length - MEMORY_ENTRIES);
    for (let i = 0; i < this.entries.length && (i < surplus || this.chars > MEMORY_CHARS); i++) {
      this.chars -= textOf(this.entries[i]!).length;
      surplus = Math.max(surplus, i + 1);
    }
    if (surplus > 0) this.entries.splice(0, surplus);
  }
}
