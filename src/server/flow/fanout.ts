import type { Entry, Position } from '../../protocol/entries';
import type { RoomLog } from '../roomlog/types';
import type { Cursor } from './cursor';
import { Feed, type FeedListener } from './feed';
import { continuation } from './resolve';
import type { Audience, Counters, Report } from './types';
import { nextWindow } from './window';

const PACKET_ENTRIES = 200;
const FLUSH_ENTRIES = 200;

/**
 * Delivery from one room's feed to the cursors of this server. Live cursors share one packet a flush,
 * encoded once; flushes of a busy room are spaced out, so that its cost follows time, not messages.
 */
export class Fanout implements FeedListener {
  readonly feed: Feed;
  private readonly cursors = new Map<string, Cursor>();
  /** The live cursors have every entry up to this one. */
  private sent = 0;
  private windowMs = 0;
  private flushedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    room: string,
    private readonly log: RoomLog,
    private readonly audience: Audience,
    private readonly counters: Counters,
    private readonly report: Report,
  ) {
    this.feed = new Feed(room, log, this, report);
  }

  get size(): number {
    return this.cursors.size;
  }

  add(cursor: Cursor): void {
    this.cursors.set(cursor.connection.id, cursor);
  }

  /** Nothing is sent to this cursor until it is started. */
  pause(cursor: Cursor): void {
    if (cursor.state === 'live') this.audience.remove(cursor.connection);
    cursor.state = 'paused';
  }

  /** Nothing is sent to this cursor ever again. */
  remove(cursor: Cursor): void {
    this.pause(cursor);
    if (this.cursors.get(cursor.connection.id) === cursor) this.cursors.delete(cursor.connection.id);
  }

  /** From now on the connection gets everything after the position; a `gap` first if the log began anew since. */
  start(cursor: Cursor, { epoch, seq }: Position): void {
    const { feed } = this;
    const moved = epoch !== feed.epoch;
    if (moved) this.sendGap(cursor, feed.head, feed.epoch!);
    cursor.seq = moved ? feed.head : seq;
    cursor.since = undefined;
    this.bringUp(cursor);
  }

  /** The log is away: the run begins when it is back, at `since` or with a `gap`. */
  startDegraded(cursor: Cursor, since: Position | undefined): void {
    cursor.since = since;
    cursor.state = 'degraded';
  }

  /** To be called when the feed is open and up to date again. */
  resolveDegraded(): void {
    for (const cursor of this.cursors.values()) {
      if (cursor.state !== 'degraded') continue;
      const here = { epoch: this.feed.epoch!, first: this.feed.first, head: this.feed.head };
      const goesOn = continuation(cursor.since, here) === 'none';
      if (!goesOn) this.sendGap(cursor, here.head, here.epoch);
      this.start(cursor, goesOn ? cursor.since! : { epoch: here.epoch, seq: here.head });
    }
  }

  /** Feed: there is more. Sent at once in a quiet room, within the window in a busy one. */
  advanced(): void {
    const waited = performance.now() - this.flushedAt; // never the wall clock: it may be set back
    if (waited >= this.windowMs || this.feed.head - this.sent >= FLUSH_ENTRIES) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.windowMs - waited);
  }

  /** Feed: positions up to now mean nothing any more. The run starts over after `base`. */
  restarted(base: number, epoch: string): void {
    this.clearTimer();
    this.sent = base;
    for (const cursor of this.cursors.values()) {
      if (cursor.state === 'paused' || cursor.state === 'degraded') continue;
      if (base > 0) this.sendGap(cursor, base, epoch);
      cursor.seq = base;
      if (cursor.state === 'behind') continue; // its own loop goes on from the new seq
      this.setLive(cursor);
    }
  }

  close(): void {
    this.clearTimer();
    this.feed.close();
  }

  private flush(): void {
    this.clearTimer();
    const before = this.sent;
    const { head } = this.feed;
    this.windowMs = nextWindow(this.windowMs, head - before);
    this.flushedAt = performance.now();
    this.sent = head;
    this.deliver(before);
    for (const cursor of this.cursors.values()) if (cursor.state === 'level') this.bringUp(cursor);
  }

  private deliver(after: number): void {
    const { audience, feed } = this;
    if (audience.size === 0) return;
    for (let seq = after; seq < this.sent; seq += PACKET_ENTRIES) {
      const entries = feed.since(seq, PACKET_ENTRIES)!; // memory holds more than waits for a flush
      audience.send('messages', entries);
      this.counters.deliveries += entries.length * audience.size;
    }
  }

  /** Feeds one cursor up to the feed's head, then lets it go live. */
  private bringUp(cursor: Cursor): void {
    cursor.state = 'behind';
    this.catchUp(cursor).catch((error: unknown) => {
      // The log is away. The cursor waits for it, as one that joined meanwhile.
      if (cursor.state === 'behind')
        this.startDegraded(cursor, { epoch: this.feed.epoch ?? '', seq: cursor.seq });
      this.report(`a cursor of ${this.feed.room} could not catch up`, error);
    });
  }

  private async catchUp(cursor: Cursor): Promise<void> {
    const { feed } = this;
    while (cursor.state === 'behind' && cursor.seq < feed.head) {
      const { epoch, seq } = { epoch: feed.epoch, seq: cursor.seq };
      const entries =
        feed.since(seq, PACKET_ENTRIES) ?? (await this.log.readAfter(feed.room, seq, PACKET_ENTRIES)).entries;
      // While the log was read the cursor may have ended or been moved, or the log have begun anew.
      if (cursor.state !== 'behind' || cursor.seq !== seq || feed.epoch !== epoch) continue;
      this.sendOwn(cursor, entries);
      if (cursor.seq < feed.head) await cursor.connection.drained();
    }
    if (cursor.state === 'behind') this.setLive(cursor);
  }

  private sendOwn(cursor: Cursor, entries: Entry[]): void {
    const last = entries[entries.length - 1];
    if (!last || last.epoch !== this.feed.epoch || entries[0]!.seq !== cursor.seq + 1) {
      // Trimmed, or of another epoch: what is between is lost to this run.
      this.sendGap(cursor, this.feed.head, this.feed.epoch!);
      cursor.seq = this.feed.head;
      return;
    }
    cursor.connection.send('messages', entries);
    this.counters.deliveries += entries.length;
    cursor.seq = last.seq;
  }

  private setLive(cursor: Cursor): void {
    // Ahead of, or at the end of, what waits in the window: its turn is the next flush.
    if (cursor.seq !== this.sent) {
      cursor.state = 'level';
      return;
    }
    cursor.state = 'live';
    this.audience.add(cursor.connection);
  }

  private sendGap(cursor: Cursor, upTo: number, epoch: string): void {
    cursor.connection.send('gap', { room: this.feed.room, epoch, upTo });
  }

  private clearTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
