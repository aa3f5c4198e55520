import { setTimeout as sleep } from 'node:timers/promises';
import { RawCrowd } from './crowd';
import type { Dialect, RawClient, RawTransport } from './client';
import type { Target } from './connection';
import { countedBetween, countsOf } from './counting';
import { Marker } from './marker';
import { Tally, type Latency } from './tally';
import { playVisits, type Visits } from './visits';

export interface Load {
  users: number;
  rooms: number;
  /** Messages a second over all rooms; `asAcknowledged`: each user sends the next one when he is answered. */
  rate: number | 'asAcknowledged';
  transports?: RawTransport[];
  /** These instead of `users` who stay and `rate`: `users` is how many are there at a time, about. */
  visits?: Visits;
  /** Before anything counts. */
  warmUpMs: number;
  /** What counts. */
  forMs: number;
  /** Characters of a message. */
  textLength?: number;
  /** More is offered than servers are to carry: what they refuse is no fault of theirs. */
  mayBeRefused?: boolean;
  /** One of so many users takes nothing while it counts, and all of it afterwards; the others are timed. By WebSocket alone. */
  oneStallsOf?: number;
  /** Who user number `index` is; missing: guests with new names. */
  auth?: (index: number) => object;
}

export interface LoadHooks {
  progress: (line: string) => void;
  /** All users are in, and nothing is sent yet. */
  entered?: () => void;
  /** The time that counts begins, and is over: to read the CPU of servers. */
  begins?: () => void;
  over?: () => void;
}

/** Times in milliseconds, rates a second over the time that counts. */
export interface LoadResult {
  sent: number;
  acknowledged: number;
  refused: number;
  unanswered: number;
  delivered: number;
  /** Deliveries that the servers owe: less were shown if it is above 0, more if below. 0 if nobody knows who is to be shown what. */
  missing: number;
  gaps: number;
  backwards: number;
  seqBreaks: number;
  ended: number;
  problems: string[];
  /** From the planned instant until a member was shown the message. */
  delivery: Latency;
  /** From the planned instant to the acknowledgement. */
  ack: Latency;
  seconds: number;
  deliveriesInTime: number;
  acksInTime: number;
  /** The generator itself: its share of a core, and how late it sent (p99, ms). */
  generator: { cpu: number; late: number };
}

const TEXT_LENGTH = 100;
/** Deliveries a second from which on not each is timed. */
const TIMED_PER_SECOND = 5_000;
/** What is on its way when sending ends gets this long, as long as anything comes. */
const SETTLE_MS = 60_000;
/** After everybody has come. */
const CALM_MS = 500;
const SILENCE_MS = 3_000;
const PROGRESS_EVERY_MS = 1_000;

/** Plays a load against servers. Throws when the users do not get in. */
export async function runLoad(
  targets: Target[],
  dialect: Dialect,
  load: Load,
  hooks: LoadHooks,
): Promise<LoadResult> {
  const run = Math.floor(Math.random() * 36 ** 4)
    .toString(36)
    .padStart(4, '0');
  const began = performance.now();
  const now = (): number => (performance.now() - began) * 1_000;
  const span = { from: Infinity, to: Infinity };
  const perMessage = load.users / load.rooms;
  const perSecond = load.rate === 'asAcknowledged' ? 0 : load.rate * perMessage;
  const tally = new Tally(Math.max(1, Math.ceil(perSecond / TIMED_PER_SECOND)), span);
  const { users, rooms, auth, transports = ['websocket'] } = load;
  const marker = new Marker(run);
  const crowding = {
    ...{ targets, users, rooms, transports, dialect, marker, tally, now },
    ...{ run: `bench-${run}`, auth },
  };
  const { visits, warmUpMs, forMs, textLength = TEXT_LENGTH } = load;
  if (visits) return playVisits({ ...crowding, visits, warmUpMs, forMs, textLength, span }, hooks);
  const crowd = new RawCrowd(crowding);
  return new Run(load, hooks, crowd, tally, span, now).play();
}

class Run {
  private sending = false;
  private nextTold = 0;
  private readonly late: Tally;

  constructor(
    private readonly load: Load,
    private readonly hooks: LoadHooks,
    private readonly crowd: RawCrowd,
    private readonly tally: Tally,
    private readonly span: { from: number; to: number },
    private readonly now: () => number,
  ) {
    this.late = new Tally(1, span);
  }

  async play(): Promise<LoadResult> {
    const { crowd, load } = this;
    try {
      await crowd.enter((ready) => this.tell(`${ready} of ${load.users} users are in`), this.again);
      await sleep(CALM_MS);
      this.hooks.entered?.();
      const counted = await this.send();
      await this.settle();
      return this.result(counted);
    } finally {
      crowd.close();
    }
  }

  private async send() {
    const { span, load, tally, hooks } = this;
    const start = Math.ceil(this.now());
    span.from = start + load.warmUpMs * 1_000;
    span.to = span.from + load.forMs * 1_000;
    this.sending = true;
    const next = this.sender(start);
    if (load.rate === 'asAcknowledged') for (const client of this.crowd.clients) this.again(client);
    await this.until(span.from, next);
    for (const client of this.stalling()) client.stall();
    const before = countsOf(tally, this.now());
    hooks.begins?.();
    await this.until(span.to, next);
    hooks.over?.();
    this.sending = false;
    const counted = countedBetween(before, countsOf(tally, this.now()));
    for (const client of this.stalling()) client.readOn();
    return counted;
  }

  /** Sends what is due, whatever the servers do; returns when the next message is. */
  private sender(start: number): () => void {
    const { load, crowd, now, late } = this;
    const { rate, rooms } = load;
    if (rate === 'asAcknowledged') return () => undefined;
    let k = 0;
    return () => {
      for (;;) {
        const plannedAt = start + (k * 1e6) / rate;
        const at = now();
        if (plannedAt > at || plannedAt >= this.span.to) return;
        const room = k % rooms;
        late.deliveryTook(plannedAt, at);
        const member = Math.floor(k / rooms) % crowd.membersOf(room);
        crowd.member(room, member).send(plannedAt, load.textLength ?? TEXT_LENGTH);
        k++;
      }
    };
  }

  private stalling(): RawClient[] {
    const { oneStallsOf = Infinity } = this.load;
    return this.crowd.clients.filter((_, i) => i % oneStallsOf === oneStallsOf - 1);
  }

  private readonly again = (client: RawClient): void => {
    if (this.sending && this.load.rate === 'asAcknowledged')
      client.send(this.now(), this.load.textLength ?? TEXT_LENGTH);
  };

  private async until(instant: number, next: () => void): Promise<void> {
    for (;;) {
      next();
      const { sent, delivered } = this.tally;
      this.tell(`sent ${sent}, delivered ${delivered}`);
      if (this.now() >= instant) return;
      await sleep(1);
    }
  }

  /** Until all is answered and shown, or nothing comes any more. */
  private async settle(): Promise<void> {
    const { crowd, tally } = this;
    const done = (): boolean => tally.delivered >= crowd.expected && crowd.unanswered === 0;
    const deadline = this.now() + SETTLE_MS * 1_000;
    let last = { at: this.now(), count: 0 };
    while (!done() && this.now() < deadline) {
      const count = tally.delivered + tally.acknowledged;
      if (count !== last.count) last = { at: this.now(), count };
      if (this.now() - last.at > SILENCE_MS * 1_000) return;
      await sleep(20);
      this.tell(`waiting: delivered ${tally.delivered} of ${crowd.expected}`);
    }
    await sleep(100); // what comes twice, comes now
  }

  private result({ cpu, ...counted }: ReturnType<typeof countedBetween>): LoadResult {
    const { tally, crowd } = this;
    const { dialect } = crowd.options;
    const { sent, acknowledged, delivered, gaps, backwards, seqBreaks, ended, problems } = tally;
    return {
      ...{ sent, acknowledged, refused: crowd.refused, unanswered: crowd.unanswered, delivered },
      missing: dialect.audience === 'unknown' ? 0 : crowd.expected - delivered,
      ...{ gaps, backwards, seqBreaks, ended, problems },
      delivery: tally.delivery(),
      ack: tally.ack(),
      ...counted,
      generator: { cpu, late: this.late.delivery().p99 },
    };
  }

  private tell(line: string): void {
    const at = performance.now();
    if (at < this.nextTold) return;
    this.nextTold = at + PROGRESS_EVERY_MS;
    this.hooks.progress(line);
  }
}
