import { digitsAt, type Marker } from './marker';
import type { Tally } from './tally';

const SEQ = Buffer.from('"seq":');

/** What one connection is shown in its room: counted, and checked for loss and order, without parsing. */
export class Watch {
  /** Messages shown here. */
  delivered = 0;
  /** Whether each message has its position in the room's log. */
  placed = false;
  /** Whether it takes what it is shown at once, so that the time it took says something about the servers. */
  timed = true;
  /** The newest count of each sender. */
  private readonly newest: Uint32Array;
  private seq = 0;

  constructor(
    private readonly index: number,
    senders: number,
    private readonly marker: Marker,
    private readonly tally: Tally,
  ) {
    this.newest = new Uint32Array(senders);
  }

  /** One event of the server. It may hold many messages. */
  take(bytes: Buffer, start: number, end: number, nowMicros: number): void {
    const { marker, placed } = this;
    let seqAt = placed ? bytes.indexOf(SEQ, start) : -1;
    // Nothing of it has a place: it is pending, and comes again when it has one.
    if (placed && (seqAt === -1 || seqAt >= end)) return;
    let at = bytes.indexOf(marker.start, start);
    while (at !== -1 && at + marker.length <= end) {
      if (seqAt !== -1 && seqAt < end) {
        this.place(digitsAt(bytes, seqAt + SEQ.length));
        seqAt = bytes.indexOf(SEQ, seqAt + SEQ.length);
      }
      this.message(bytes, at, nowMicros);
      at = bytes.indexOf(marker.start, at + marker.length);
    }
  }

  private message(bytes: Buffer, at: number, nowMicros: number): void {
    const { marker, tally, newest } = this;
    const sender = marker.sender(bytes, at);
    const count = marker.count(bytes, at);
    const expected = newest[sender]! + 1;
    if (count > expected) tally.gaps++;
    if (count < expected) tally.backwards++;
    else newest[sender] = count;
    this.delivered++;
    tally.delivered++;
    if (this.timed && (count + this.index) % tally.sampleEvery === 0)
      tally.deliveryTook(marker.planned(bytes, at), nowMicros);
  }

  /** Positions in the room's log rise by one. */
  private place(seq: number): void {
    if (this.seq !== 0 && seq !== this.seq + 1) this.tally.seqBreaks++;
    this.seq = seq;
  }
}
