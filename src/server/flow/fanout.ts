import type { Entry, MessageBody, PendingMessage, Position } from '../../protocol/entries';
import type { RoomLog } from '../roomlog/types';
import type { Counters } from './counters';
import type { Cursor } from './cursor';
import { Feed, type FeedListener } from './feed';
import { continuation } from './resolve';
import type { Audience, Audiences, Load, Report } from './types';
import { nextWindow } from './window';

/** What all fan-outs of a server share. */
export interface FanoutDeps {
  log: RoomLog;
  audiences: Audiences;
  counters: Counters;
  load: Pick<Load, 'busy'>;
  /** Messages of a room that wait on the disk of this host, oldest first. */
  pending: (room: string) => MessageBody[];
  /** Is told what feeds take in. */
  taken: (entries: Entry[]) => void;
  /** Is told that a log began anew, or lost entries. */
  restarted: () => void;
  report: Report;
}

const PACKET_ENTRIES = 200;
const FLUSH_ENTRIES = 200;
/** A position of no epoch that there is: whoever starts there gets a gap first. */
const NOWHERE: Position = { epoch: '', seq: 0 };

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
  /** Pending messages that wait for the next flush. */
  private waiting: MessageBody[] = [];
  private readonly audience: Audience;

  constructor(
    room: string,
    private readonly deps: FanoutDeps,
  ) {
    this.audience = deps.audiences(room);
    this.feed = new Feed(room, deps.log, this, deps.report);
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
    else this.sendPending(cursor); // a join has made void what the connection held of these
    cursor.seq = moved ? feed.head : seq;
    cursor.since = undefined;
    this.bringUp(cursor);
  }

  /** The log is away: the run begins when it is back, at `since` or with a `gap`. */
  startDegraded(cursor: Cursor, since: Position | undefined): void {
    cursor.since = since;
    cursor.state = 'degraded';
    this.sendPending(cursor);
  }

  /** To be called when the feed is open and up to date again. */
  resolveDegraded(): void {
    for (const cursor of this.cursors.values()) {
      if (cursor.state !== 'degraded') continue;
      const here = { epoch: this.feed.epoch!, first: this.feed.first, head: this.feed.head };
      const goesOn = continuation(cursor.since, here) === 'none';
      this.start(cursor, goesOn ? cursor.since! : NOWHERE);
    }
  }

  /** Messages that wait on the disk until the log is back, without a place yet, as a page shows them. */
  pending(): PendingMessage[] {
    // The log may have them already: what the feed has seen is shown as that.
    return this.feed.unseen(this.deps.pending(this.feed.room)).map((body) => this.asPending(body));
  }

  /** These have come to wait on the disk: shown to everybody who is in the room. */
  showPending(messages: MessageBody[]): void {
    this.waiting.push(...this.feed.unseen(messages));
    if (this.waiting.length > 0) this.schedule();
  }

  /** Feed: there is more. */
  advanced(entries: Entry[]): void {
    this.deps.taken(entries);
    this.schedule();
  }

  /** Feed: positions up to now mean nothing any more. The run starts over after `base`. */
  restarted(base: number, epoch: string): void {
    this.deps.restarted();
    this.clearTimer();
    // Not now: the feed is about to take in the new log.
    if (this.waiting.length > 0) this.timer = setTimeout(() => this.flush(), this.windowMs);
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

  /** Sent at once in a quiet room, within the window in a busy one. */
  private schedule(): void {
    const waited = performance.now() - this.flushedAt; // never the wall clock: it may be set back
    const waiting = this.feed.head - this.sent + this.waiting.length;
    if (waited >= this.windowMs || waiting >= FLUSH_ENTRIES) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.windowMs - waited);
  }

  private flush(): void {
    this.clearTimer();
    const before = this.sent;
    const { head } = this.feed;
    this.windowMs = nextWindow(this.windowMs, head - before + this.waiting.length, this.deps.load.busy);
    this.flushedAt = performance.now();
    this.sent = head;
    this.deliverPending();
    this.deliver(before);
    for (const cursor of this.cursors.values()) if (cursor.state === 'level') this.bringUp(cursor);
  }

  private deliver(after: number): void {
    const { audience, feed } = this;
    if (audience.size === 0) return;
    for (let seq = after; seq < this.sent; seq += PACKET_ENTRIES) {
      const entries = feed.since(seq, PACKET_ENTRIES)!; // memory holds more than waits for a flush
      audience.send('messages', entries);
      this.deps.counters.deliveries += entries.length * audience.size;
    }
  }

  /** To everybody, however far he has got: what has no place breaks no run. */
  private deliverPending(): void {
    const all = this.waiting.splice(0).map((body) => this.asPending(body));
    for (let i = 0; i < all.length; i += PACKET_ENTRIES) {
      const some = all.slice(i, i + PACKET_ENTRIES);
      if (this.audience.size > 0) this.audience.send('messages', some);
      this.deps.counters.deliveries += some.length * this.audience.size;
      for (const cursor of this.cursors.values())
        if (cursor.state !== 'live' && cursor.state !== 'paused') this.sendMessages(cursor, some);
    }
  }

  private sendPending(cursor: Cursor): void {
    const all = this.pending();
    for (let i = 0; i < all.length; i += PACKET_ENTRIES)
      this.sendMessages(cursor, all.slice(i, i + PACKET_ENTRIES));
  }

  private sendMessages(cursor: Cursor, messages: (Entry | PendingMessage)[]): void {
    cursor.connection.send('messages', messages);
    this.deps.counters.deliveries += messages.length;
  }

  /** Feeds one cursor up to the feed's head, then lets it go live. */
  private bringUp(cursor: Cursor): void {
    cursor.state = 'behind';
    this.catchUp(cursor).catch((error: unknown) => {
      // The log is away. The cursor waits for it, as one that joined meanwhile.
      if (cursor.state === 'behind')
        this.startDegraded(cursor, { epoch: this.feed.epoch ?? '', seq: cursor.seq });
      this.deps.report(`a cursor of ${this.feed.room} could not catch up`, error);
    });
  }

  private async catchUp(cursor: Cursor): Promise<void> {
    const { feed } = this;
    while (cursor.state === 'behind' && cursor.seq < feed.head) {
      const { epoch, seq } = { epoch: feed.epoch, seq: cursor.seq };
      const entries =
        feed.since(seq, PACKET_ENTRIES) ??
        (await this.deps.log.readAfter(feed.room, seq, PACKET_ENTRIES)).entries;
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
    this.sendMessages(cursor, entries);
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

  /** With what is still pending: a gap makes void what the connection held of that. */
  private sendGap(cursor: Cursor, upTo: number, epoch: string): void {
    cursor.connection.send('gap', { room: this.feed.room, epoch, upTo });
    this.sendPending(cursor);
  }

  private asPending(body: MessageBody): PendingMessage {
    return { room: this.feed.room, ...body, pending: true };
  }

  private clearTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
