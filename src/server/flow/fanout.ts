import type { Entry, MessageBody, PendingMessage, Position } from '../../protocol/entries';
import type { RoomLog } from '../roomlog/types';
import { CatchUp, type CatchUpDeps } from './catch-up';
import type { Cursor } from './cursor';
import { Cursors } from './cursors';
import { Feed, type FeedListener } from './feed';
import { piecesOf, type PendingPiece, type Piece } from './pieces';
import type { Slices } from './slices';
import type { Announce, Connection, Load, Packet } from './types';
import { windowMs } from './window';

/** What all fan-outs of a server share. */
export interface FanoutDeps extends CatchUpDeps {
  log: RoomLog;
  slices: Slices;
  load: Pick<Load, 'busy'>;
  /** Is told what feeds take in. */
  taken: (entries: Entry[]) => void;
  /** Is told that a log began anew, or lost entries. */
  restarted: () => void;
}

/** However wide the window is: a feed's memory must reach back to where the live cursors are. */
const FLUSH_ENTRIES = 200;

interface Announcement {
  packet: Packet;
  except: Connection | undefined;
}

/** One flush: what each cursor gets when its turn comes. */
interface Round {
  /** The live cursors that nothing has happened to are here, and `pieces` lead up to `upTo`. */
  after: number;
  upTo: number;
  /** Encoded when the first one needs them. Empty: memory does not reach back to `after`. */
  pieces: Piece[] | undefined;
  /** Messages that have come to wait on the disk. */
  bodies: MessageBody[];
  pending: PendingPiece[];
  announcements: Announcement[];
  /** The log is back: who waits for it starts. */
  resolves: boolean;
}

/**
 * Delivery from one room's feed to the cursors of this server. What has come since the last flush goes to all live
 * cursors as one packet, encoded once, slice by slice. Flushes are spaced out, so that the cost of a busy room
 * follows time, not messages.
 *
 * A live cursor is at the last flush or further. Whoever is not exactly where a flush begins, or does not read,
 * is brought up alone.
 */
export class Fanout implements FeedListener {
  readonly feed: Feed;
  private readonly cursors = new Cursors();
  private readonly catchUp: CatchUp;
  /** Where the last flush has got to, or the one under way will. */
  private sent = 0;
  private flushing = false;
  private round: Round | undefined;
  private windowMs = 0;
  private flushedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  /** What the next flush brings beside entries. */
  private waiting: MessageBody[] = [];
  private announcements: Announcement[] = [];
  private resolves = false;
  private beganAnew = false;

  constructor(
    room: string,
    private readonly deps: FanoutDeps,
  ) {
    this.feed = new Feed(room, deps.log, this, deps.report);
    this.catchUp = new CatchUp(this.feed, deps);
  }

  get size(): number {
    return this.cursors.size;
  }

  /** Of a paused cursor. */
  add(cursor: Cursor): void {
    this.cursors.add(cursor);
  }

  /** Nothing is sent to this cursor until it is started. */
  pause(cursor: Cursor): void {
    cursor.state = 'paused';
  }

  /** Nothing is sent to this cursor ever again. */
  remove(cursor: Cursor): void {
    this.pause(cursor);
    this.cursors.remove(cursor);
  }

  /** From now on the connection gets everything after the position; a `gap` first if the log began anew since. */
  start(cursor: Cursor, position: Position): void {
    this.catchUp.start(cursor, position);
  }

  /** The log is away: the run begins when it is back, at `since` or with a `gap`. */
  startDegraded(cursor: Cursor, since: Position | undefined): void {
    this.catchUp.startDegraded(cursor, since);
  }

  /** To be called when the feed is open and up to date again. */
  resolveDegraded(): void {
    this.resolves ||= [...this.cursors].some(({ state }) => state === 'degraded');
    if (this.resolves) this.schedule();
  }

  /** Messages that wait on the disk until the log is back, without a place yet, as a page shows them. */
  pending(): PendingMessage[] {
    const { room } = this.feed;
    return this.catchUp.pending().map((body) => ({ room, ...body, pending: true }));
  }

  /** These have come to wait on the disk: shown to everybody who is in the room. */
  showPending(messages: MessageBody[]): void {
    this.waiting.push(...this.feed.unseen(messages));
    if (this.waiting.length > 0) this.schedule();
  }

  announce: Announce = (event, payload, except) => {
    if (this.cursors.size === 0) return;
    this.announcements.push({ packet: this.deps.encode(event, payload), except });
    this.schedule();
  };

  /** Feed: there is more. */
  advanced(entries: Entry[]): void {
    this.deps.taken(entries);
    this.catchUp.moved();
    this.schedule();
  }

  /** Feed: positions up to now mean nothing any more. The run starts over after `base`. */
  restarted(base: number): void {
    this.deps.restarted();
    this.catchUp.beginAnew(base);
    this.sent = base;
    this.beganAnew = true;
    // The feed is about to take in the new log: a round under way begins anew with its next step.
    if (this.round) this.waiting.unshift(...this.round.bodies);
    this.round = undefined;
    this.schedule();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.feed.close();
  }

  /** Sent at the end of this turn in a quiet room, within the window in a busy one. */
  private schedule(): void {
    if (this.flushing || this.closed) return;
    const waitMs = this.flushedAt + this.windowMs - performance.now(); // never the wall clock: it may be set back
    if (waitMs <= 0 || this.feed.head - this.sent >= FLUSH_ENTRIES) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), waitMs);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing = true;
    this.deps.slices.add(() => this.step());
  }

  private step(): boolean {
    this.round ??= this.begin();
    const cursor = this.closed ? undefined : this.cursors.next();
    if (cursor) this.visit(cursor, this.round);
    else this.end();
    return cursor !== undefined;
  }

  private begin(): Round {
    const { feed, sent: after, resolves } = this;
    this.flushedAt = performance.now();
    this.sent = feed.head;
    this.resolves = false;
    this.beganAnew = false;
    this.cursors.begin();
    const bodies = this.waiting.splice(0);
    return {
      after,
      upTo: feed.head,
      pieces: undefined,
      bodies,
      pending: this.catchUp.pendingPieces(bodies),
      announcements: this.announcements.splice(0),
      resolves,
    };
  }

  private end(): void {
    const tookMs = performance.now() - this.flushedAt;
    this.windowMs = windowMs({ members: this.cursors.size, load: this.deps.load.busy, tookMs });
    this.round = undefined;
    this.flushing = false;
    const more = this.waiting.length + this.announcements.length > 0 || this.resolves || this.beganAnew;
    if (more || this.feed.head > this.sent) this.schedule();
  }

  private visit(cursor: Cursor, round: Round): void {
    const { state, connection } = cursor;
    if (state === 'paused') return;
    if (state === 'degraded' && round.resolves) return this.catchUp.resolve(cursor);
    if (state === 'live') return this.serve(cursor, round);
    // What has no place breaks no run, however far it has got.
    if (round.pending.length === 0) return;
    if (connection.isFull) cursor.owedPending = true;
    else for (const piece of round.pending) this.catchUp.deliver(cursor, piece);
  }

  private serve(cursor: Cursor, round: Round): void {
    const { catchUp } = this;
    const { connection } = cursor;
    const { after, upTo, pending, announcements } = round;
    if (connection.isFull) {
      cursor.owedPending ||= pending.length > 0;
      return catchUp.bringUp(cursor);
    }
    catchUp.enterEra(cursor);
    for (const { packet, except } of announcements) if (except !== connection) connection.deliver(packet);
    for (const piece of pending) catchUp.deliver(cursor, piece);
    if (cursor.seq >= upTo) return;
    const pieces = cursor.seq === after ? this.piecesOf(round) : [];
    if (pieces.length === 0) return catchUp.bringUp(cursor);
    for (const piece of pieces) catchUp.deliver(cursor, piece);
    cursor.seq = upTo;
  }

  private piecesOf(round: Round): Piece[] {
    const { after, upTo } = round;
    return (round.pieces ??= piecesOf(this.feed.since(after, upTo - after) ?? [], this.deps.encode));
  }
}
