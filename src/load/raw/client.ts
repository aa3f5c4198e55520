import type { Link, Receiver, Target } from './connection';
import { digitsAt, isDigit, type Marker } from './marker';
import type { Tally } from './tally';
import { openPolling } from './polling';
import { openUpgrade } from './upgrade';
import { Watch } from './watch';
import { openWebSocket } from './websocket';

/** `upgrade` begins with polling and changes to WebSocket. */
export type RawTransport = keyof typeof links;

const links = { websocket: openWebSocket, polling: openPolling, upgrade: openUpgrade };

/** What servers of a kind want to be told. Each is a Socket.IO event: its name and its payload. */
export interface Dialect {
  /** Whether the server says `hello` before it is ready. */
  hello: boolean;
  /** How one gets into a room; missing: one is where one is. */
  join?: (room: string) => [event: string, payload: unknown];
  send: (room: string, text: string) => [event: string, payload: unknown];
  /** Who is shown a message: the members of its room, its sender among them; nobody; or the server alone knows. */
  audience: 'members' | 'nobody' | 'unknown';
}

/** Acknowledgement of the join; those of messages count from 1. */
const JOIN = 0;
const AFTER_REFUSAL_MS = 1_000;

const CHAR = { open: 48, close: 49, ping: 50, message: 52, connect: 48, event: 50, ack: 51, refusal: 52 };
const HELLO = Buffer.from('["hello"');
const NOT_OK = Buffer.from('"ok":false');

/** Where a client is; its number among the members is part of the mark of what it sends. */
export interface Place {
  room: string;
  /** Number of members of the room: each of them may send. */
  members: number;
  /** Number of this client among them. */
  member: number;
}

export interface RawClientOptions {
  index: number;
  target: Target;
  transport: RawTransport;
  auth: object;
  place: Place;
  dialect: Dialect;
  marker: Marker;
  tally: Tally;
  now: () => number;
}

/**
 * One client that speaks Engine.IO 4 and Socket.IO 5 by hand: it joins its room, sends, answers pings, and looks at
 * what it is shown without parsing.
 */
export class RawClient implements Receiver {
  readonly watch: Watch;
  /** Messages it sent, and those of them that were refused. */
  sent = 0;
  refused = 0;
  private readonly link: Link;
  private readonly asked = new Map<number, number>();
  private asks = 0;
  private closed = false;
  private entered = false;

  /** `ready` is called when it is in its room, `heard` when it may send the next message after an answer. */
  constructor(
    private readonly options: RawClientOptions,
    private readonly ready: () => void,
    private readonly heard: () => void = () => undefined,
  ) {
    const { index, target, transport, place, marker, tally } = options;
    this.watch = new Watch(index, place.members, marker, tally);
    this.watch.placed = options.dialect.hello;
    this.link = links[transport](target, index, this);
  }

  /** Sends one message that was to be sent at `plannedAt`. */
  send(plannedAt: number, length: number): void {
    const { dialect, place, marker, tally } = this.options;
    const text = marker.write({ sender: place.member, count: ++this.sent, plannedAt }, length);
    tally.sent++;
    this.asked.set(++this.asks, plannedAt);
    this.emit(dialect.send(place.room, text), this.asks);
  }

  /** Stops taking what the server sends, and takes all of it later. What it is shown and told is not timed from then on. */
  stall(): void {
    if (!this.link.reads) throw new Error('only a WebSocket can stall');
    this.watch.timed = false;
    this.link.reads(false);
  }

  readOn(): void {
    this.link.reads!(true);
  }

  /** Messages that no answer came for. */
  get unanswered(): number {
    return this.asked.size;
  }

  close(): void {
    this.closed = true;
    this.link.close();
  }

  packet(bytes: Buffer, start: number, end: number): void {
    switch (bytes[start]!) {
      case CHAR.message:
        return this.message(bytes, start + 1, end);
      case CHAR.ping:
        return this.link.send('3');
      case CHAR.open:
        return this.link.send(`40${JSON.stringify(this.options.auth)}`);
      case CHAR.close:
        return this.link.close();
    }
  }

  ended(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.options.tally.ended++;
    this.options.tally.problem(`client ${this.options.index}: ${reason}`);
  }

  private message(bytes: Buffer, start: number, end: number): void {
    const { dialect, tally, now } = this.options;
    switch (bytes[start]!) {
      case CHAR.event:
        if (this.entered) return this.watch.take(bytes, start, end, now());
        if (bytes.indexOf(HELLO, start) === start + 1) this.enter();
        return;
      case CHAR.ack:
        return this.answered(bytes, start + 1, end);
      case CHAR.connect:
        if (!dialect.hello) this.enter();
        return;
      case CHAR.refusal:
        tally.problem(`refused: ${bytes.toString('utf8', start, end)}`);
        return this.link.close();
    }
  }

  private enter(): void {
    this.entered = true;
    const { dialect, place } = this.options;
    if (dialect.join) this.emit(dialect.join(place.room), JOIN);
    else this.ready();
  }

  private answered(bytes: Buffer, at: number, end: number): void {
    const { tally, now } = this.options;
    const ask = digitsAt(bytes, at);
    const wrong = bytes.subarray(at, end).indexOf(NOT_OK) !== -1;
    if (wrong) tally.problem(bytes.toString('utf8', at, end));
    if (ask === JOIN && isDigit(bytes[at])) {
      if (!wrong) this.ready();
      return;
    }
    const plannedAt = this.asked.get(ask);
    if (plannedAt === undefined) return;
    this.asked.delete(ask);
    if (!wrong) {
      tally.ackTook(plannedAt, now(), this.watch.timed);
      return this.heard();
    }
    this.refused++;
    setTimeout(this.heard, AFTER_REFUSAL_MS).unref(); // as one who was told when to try again
  }

  private emit([event, payload]: [string, unknown], ack: number): void {
    this.link.send(`42${ack}${JSON.stringify([event, payload])}`);
  }
}
