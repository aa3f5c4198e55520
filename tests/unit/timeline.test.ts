import fc from 'fast-check';
import { keyOf } from '../../src/client/committed';
import { EMPTY, MAX_HELD, gap, joined, older, receive, type Timeline } from '../../src/client/timeline';
import type { PendingMessage, Received } from '../../src/protocol/entries';
import type { Entry, PageMessage } from '../../src/protocol/entries';
import type { HistoryAnswer } from '../../src/protocol/events';

const room = 'lobby';
const body = (id: string) => ({
  room,
  id,
  kind: 'message' as const,
  from: { id: 'guest:mina', name: 'mina' },
  at: 1,
  text: id,
});
const entry = (seq: number, id = `m${seq}`, epoch = 'a') => ({
  ...body(id),
  epoch,
  seq,
  n: seq,
});
const pending = (id: string): PendingMessage => ({ ...body(id), pending: true });
const ids = (timeline: Timeline): string[] => timeline.committed.map(({ id }) => id);
const fresh = (...messages: PageMessage[]): Timeline =>
  joined(EMPTY, { epoch: 'a', upTo: messages.at(-1)?.seq ?? 0, reason: 'fresh', messages, complete: true });

/** A room's log and one connection that follows it as the contract says, with small limits. */
class Model {
  epoch = 1;
  log: string[] = [];
  upTo = 0;
  unread: string[] = [];
  timeline: Timeline = EMPTY;
  asked: { before: number; page: HistoryAnswer }[] = [];
  static readonly LIMIT = 4;

  entry = (seq: number) => entry(seq, this.log[seq - 1], `${this.epoch}`);
  page = (before: number): PageMessage[] => {
    const from = Math.max(1, before - 3);
    return Array.from({ length: Math.max(0, before - from) }, (_, i) => this.entry(from + i));
  };

  append(count: number): void {
    const known = this.unread.splice(0, count);
    const more = Array.from(
      { length: count - known.length },
      (_, i) => `${this.epoch}-${this.log.length}-${i}`,
    );
    this.log.push(...known, ...more);
  }
  pend(id: string): void {
    this.unread.push(id);
    this.receive([pending(id)]);
  }
  deliver(count: number, back: number): void {
    const upTo = Math.min(this.log.length, this.upTo + count);
    const from = Math.max(1, this.upTo + 1 - back);
    this.receive(Array.from({ length: Math.max(0, upTo - from + 1) }, (_, i) => this.entry(from + i)));
    this.upTo = Math.max(this.upTo, upTo);
  }
  join(): void {
    const { run } = this.timeline;
    const reason = !run
      ? 'fresh'
      : run.epoch !== `${this.epoch}`
        ? 'epoch'
        : this.log.length - run.upTo > Model.LIMIT
          ? 'far'
          : 'none';
    const messages = reason === 'none' ? [] : this.page(this.log.length + 1);
    this.upTo = reason === 'none' ? run!.upTo : this.log.length;
    const complete = (messages[0]?.seq ?? 1) === 1;
    this.timeline = joined(this.timeline, {
      epoch: `${this.epoch}`,
      upTo: this.upTo,
      reason,
      messages,
      complete,
    });
    this.receive(this.unread.map(pending));
  }
  gap(): void {
    this.upTo = this.log.length;
    this.timeline = gap(`${this.epoch}`, this.upTo);
    this.ask();
    this.receive(this.unread.map(pending));
  }
  ask(): void {
    const before = this.timeline.run?.floor;
    if (before === undefined || this.timeline.run?.epoch !== `${this.epoch}`) return;
    const messages = this.page(before);
    const epoch = `${this.epoch}`;
    this.asked.push({
      before,
      page: {
        room,
        epoch,
        first: 1,
        head: this.log.length,
        messages,
        complete: (messages[0]?.seq ?? 1) === 1,
      },
    });
  }
  answer(): void {
    const next = this.asked.shift();
    if (next) this.timeline = older(this.timeline, next.before, next.page);
  }
  /** Everything is offered again, perhaps in another order, after which the new log is live or a gap. */
  beginEpoch(lost: number): void {
    this.epoch++;
    this.log = this.log.slice(lost).reverse();
    this.upTo = 0;
    if (this.log.length > Model.LIMIT || this.log.length === 0) this.gap();
    else this.deliver(this.log.length, 0);
  }
  receive(entries: Received[]): void {
    this.timeline = receive(this.timeline, entries);
  }
}

const count = fc.integer({ min: 0, max: 6 });
type Step = (model: Model) => void;
const step: fc.Arbitrary<Step> = fc.oneof(
  count.map(
    (n): Step =>
      (model) =>
        model.append(n),
  ),
  fc.tuple(count, count).map(
    ([n, back]): Step =>
      (model) =>
        model.deliver(n, back),
  ),
  fc.uuid().map(
    (id): Step =>
      (model) =>
        model.pend(id),
  ),
  count.map(
    (n): Step =>
      (model) =>
        model.beginEpoch(n),
  ),
  fc.constantFrom<Step>(
    (m) => m.join(),
    (m) => m.gap(),
    (m) => m.ask(),
    (m) => m.answer(),
  ),
);

function checkOrder(model: Model): void {
  const { committed, pending: waiting, run, broken } = model.timeline;
  expect(broken).toBe(false);
  expect(run).toMatchObject({ epoch: `${model.epoch}`, upTo: model.upTo });
  const { floor, upTo } = run!;
  expect(committed).toEqual(Array.from({ length: upTo - floor + 1 }, (_, i) => model.entry(floor + i)));
  const keys = [...committed, ...waiting].map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
}

describe('timeline', () => {
  it('[CLIENT-1] holds exactly the log from its floor to where the run is, over joins, pages, gaps, epochs and doubles', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model = new Model();
        model.join();
        for (const next of steps) {
          next(model);
          checkOrder(model);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('[CLIENT-1] comes to the whole log when everything is delivered and read back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model = new Model();
        model.join();
        for (const next of steps) next(model);
        model.deliver(Infinity, 0);
        while (model.asked.length > 0) model.answer();
        while (!model.timeline.complete) (model.ask(), model.answer());
        expect(ids(model.timeline)).toEqual(model.log);
        expect(model.timeline.pending.filter(({ id }) => model.log.includes(id))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('[CLIENT-2] ignores a pending entry that is held committed, and drops it at the commit', () => {
    const timeline = receive(fresh(entry(1)), [pending('m1'), pending('m2'), pending('m2'), pending('m3')]);
    expect(timeline.pending.map(({ id }) => id)).toEqual(['m2', 'm3']);
    const next = receive(timeline, [entry(2)]);
    expect(next.pending.map(({ id }) => id)).toEqual(['m3']);
    expect(ids(next)).toEqual(['m1', 'm2']);
  });

  it('[CLIENT-1] takes the ids of two senders for two messages', () => {
    const other = { ...entry(2, 'm1'), from: { id: 'guest:jun', name: 'jun' } };
    expect(ids(receive(fresh(entry(1)), [other]))).toEqual(['m1', 'm1']);
  });

  it('[CLIENT-1] shows an identity once even if it came with two positions', () => {
    expect(ids(receive(fresh(entry(1)), [entry(2, 'm1'), entry(3)]))).toEqual(['m1', 'm3']);
  });

  it('[CLIENT-2] keeps pending entries through a degraded join, and what it held', () => {
    const held = receive(fresh(entry(1)), [pending('p')]);
    const degraded = joined(held, {
      epoch: null,
      upTo: null,
      reason: 'degraded',
      messages: [entry(3), pending('q')],
    });
    expect(ids(degraded)).toEqual(['m1', 'm3']);
    expect(degraded.pending.map(({ id }) => id)).toEqual(['p', 'q']);
    expect(degraded.run?.upTo).toBe(1);
    expect(ids(receive(degraded, [entry(2), entry(3), entry(4)]))).toEqual(['m1', 'm2', 'm3', 'm4']);
  });

  it('[CLIENT-3] shows what a degraded server remembers when it held nothing, until the gap comes', () => {
    const degraded = joined(EMPTY, {
      epoch: null,
      upTo: null,
      reason: 'degraded',
      messages: [entry(8), entry(9)],
    });
    expect(ids(degraded)).toEqual(['m8', 'm9']);
    expect(degraded.run).toBeUndefined();
    expect(ids(gap('a', 9))).toEqual([]);
  });

  it('[CLIENT-2] voids pending ones by a join that continues', () => {
    const held = receive(fresh(entry(1)), [pending('p')]);
    expect(joined(held, { epoch: 'a', upTo: 1, reason: 'none' })).toMatchObject({
      pending: [],
      committed: [entry(1)],
    });
  });

  it('[CLIENT-4] notices an entry that does not continue the run, and shows nothing of it', () => {
    for (const stray of [entry(4), entry(2, 'x', 'b')]) {
      const timeline = receive(fresh(entry(1), entry(2)), [stray]);
      expect(timeline.broken).toBe(true);
      expect(ids(timeline)).toEqual(['m1', 'm2']);
    }
  });

  it('[CLIENT-5] goes on over kinds it does not know', () => {
    const unknown = { ...entry(2), kind: 'poll' } as unknown as Entry;
    const timeline = receive(fresh(entry(1)), [unknown, entry(3)]);
    expect(ids(timeline)).toEqual(['m1', 'm3']);
    expect(timeline.broken).toBe(false);
  });

  it('[CLIENT-6] holds a bounded number of messages, and can read the older ones again', () => {
    const many = Array.from({ length: MAX_HELD }, (_, i) => entry(i + 1));
    const timeline = receive(fresh(...many), [entry(MAX_HELD + 1)]);
    expect(timeline.committed).toHaveLength(MAX_HELD);
    expect(timeline).toMatchObject({ complete: false, run: { floor: 2 } });
  });
});
