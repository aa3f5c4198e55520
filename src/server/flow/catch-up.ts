import type { MessageBody, Position } from '../../protocol/entries';
import type { RoomLog } from '../roomlog/types';
import type { Counters } from './counters';
import type { Cursor } from './cursor';
import type { Feed } from './feed';
import { PIECE_ENTRIES, pendingPiecesOf, piecesOf, type PendingPiece, type Piece } from './pieces';
import { continuation } from './resolve';
import type { Encode, Report } from './types';

export interface CatchUpDeps {
  log: Pick<RoomLog, 'readAfter'>;
  encode: Encode;
  counters: Counters;
  /** Messages of a room that wait on the disk of this host, oldest first. */
  pending: (room: string) => MessageBody[];
  report: Report;
}

/** A position of no epoch that there is: whoever starts there gets a gap first. */
const NOWHERE: Position = { epoch: '', seq: 0 };
/** In a storm many are at the same few places, one after the other. */
const MAX_KNOWN = 8;
const KNOWN_MS = 1_000;

/**
 * Brings single cursors to the head of the feed, where they go live: after a join, when they were slow, when the log
 * is back or began anew.
 */
export class CatchUp {
  /** Counts how often positions have lost their meaning. In each era the run starts over after its base. */
  private era = 0;
  private base = 0;
  /** Pieces by the position that they follow, as long as the feed stands still. */
  private readonly known = new Map<number, Piece>();
  private forgetting: NodeJS.Timeout | undefined;
  private readonly reading = new Map<number, Promise<Piece | undefined>>();

  constructor(
    private readonly feed: Feed,
    private readonly deps: CatchUpDeps,
  ) {}

  /** From now on the connection gets everything after the position; a `gap` first if the log began anew since. */
  start(cursor: Cursor, { epoch, seq }: Position): void {
    const { feed } = this;
    cursor.since = undefined;
    cursor.era = this.era;
    cursor.seq = seq;
    if (epoch !== feed.epoch) this.sendGap(cursor, feed.head);
    else this.sendPending(cursor); // a join has made void what the connection held of these
    this.bringUp(cursor);
  }

  /** The log is away: the run begins when it is back, at `since` or with a `gap`. */
  startDegraded(cursor: Cursor, since: Position | undefined): void {
    cursor.since = since;
    cursor.state = 'degraded';
    this.sendPending(cursor);
  }

  /** The log is back: starts a degraded cursor. To be called when the feed is open and up to date. */
  resolve(cursor: Cursor): void {
    const here = { epoch: this.feed.epoch!, first: this.feed.first, head: this.feed.head };
    const goesOn = continuation(cursor.since, here) === 'none';
    this.start(cursor, goesOn ? cursor.since! : NOWHERE);
  }

  /** Positions up to now mean nothing any more. */
  beginAnew(base: number): void {
    this.era++;
    this.base = base;
    this.moved();
  }

  /** The feed has moved on, or taken the text out of what it holds. */
  moved(): void {
    this.known.clear();
  }

  /** Takes a cursor that is not paused or degraded over into the present era; a `gap` tells it so. */
  enterEra(cursor: Cursor): void {
    if (cursor.era === this.era) return;
    cursor.era = this.era;
    cursor.seq = this.base;
    if (this.base > 0) this.sendGap(cursor, this.base);
  }

  /** Feeds a cursor up to the feed's head, as fast as its connection takes it; then it is live. */
  bringUp(cursor: Cursor): void {
    cursor.state = 'behind';
    this.feedAlone(cursor).catch((error: unknown) => {
      this.deps.report(`a cursor of ${this.feed.room} could not catch up`, error);
      if (cursor.state !== 'behind') return;
      // The log is away. The cursor waits for it, as one that joined meanwhile.
      this.enterEra(cursor);
      this.startDegraded(cursor, { epoch: this.feed.epoch ?? '', seq: cursor.seq });
    });
  }

  pendingPieces(messages: MessageBody[]): PendingPiece[] {
    return pendingPiecesOf(this.feed.room, messages, this.deps.encode);
  }

  /** Messages that wait on the disk. The log may have some already: what the feed has seen is shown as that. */
  pending(): MessageBody[] {
    return this.feed.unseen(this.deps.pending(this.feed.room));
  }

  deliver(cursor: Cursor, { packet, count }: PendingPiece): void {
    cursor.connection.deliver(packet);
    this.deps.counters.deliveries += count;
  }

  private async feedAlone(cursor: Cursor): Promise<void> {
    const { connection } = cursor;
    while (cursor.state === 'behind') {
      if (connection.isFull) {
        await connection.drained();
        continue;
      }
      this.enterEra(cursor);
      if (cursor.owedPending) this.sendPending(cursor);
      if (cursor.seq >= this.feed.head) return void (cursor.state = 'live');
      const { era, seq } = cursor;
      const piece = this.fromMemory(seq) ?? (await this.fromLog(seq));
      // While the log was read the cursor may have ended or been moved, or the log have begun anew.
      if (cursor.state === 'behind' && cursor.seq === seq && this.era === era) this.sendPiece(cursor, piece);
    }
  }

  private sendPiece(cursor: Cursor, piece: Piece | undefined): void {
    const { feed } = this;
    if (piece?.epoch !== feed.epoch || piece?.first !== cursor.seq + 1) {
      // Trimmed, or of another epoch: what is between is lost to this run.
      this.sendGap(cursor, feed.head);
      return;
    }
    this.deliver(cursor, piece);
    cursor.seq = piece.last;
  }

  private fromMemory(seq: number): Piece | undefined {
    const known = this.known.get(seq);
    if (known) return known;
    const [piece] = piecesOf(this.feed.since(seq, PIECE_ENTRIES) ?? [], this.deps.encode);
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    if (piece) this.known.set(seq, piece);
    this.forgetting ??= setTimeout(() => this.forget(), KNOWN_MS).unref();
    return piece;
  }

  private forget(): void {
    this.forgetting = undefined;
    this.moved();
  }

  /** Read once for all who wait for it. */
  private fromLog(seq: number): Promise<Piece | undefined> {
    const { log, encode } = this.deps;
    const reading =
      this.reading.get(seq) ??
      log
        .readAfter(this.feed.room, seq, PIECE_ENTRIES)
        .then(({ entries }) => piecesOf(entries, encode)[0])
        .finally(() => this.reading.delete(seq));
    this.reading.set(seq, reading);
    return reading;
  }

  /** The run goes on after `upTo`. With what is still pending: a gap makes void what the connection held of that. */
  private sendGap(cursor: Cursor, upTo: number): void {
    cursor.seq = upTo;
    cursor.connection.send('gap', { room: this.feed.room, epoch: this.feed.epoch!, upTo });
    this.sendPending(cursor);
  }

  private sendPending(cursor: Cursor): void {
    cursor.owedPending = false;
    for (const piece of this.pendingPieces(this.pending())) this.deliver(cursor, piece);
  }
}
