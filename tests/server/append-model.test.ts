import fc from 'fast-check';
import type { EntryBody, Ref } from '../../src/protocol/entries';
import { Newest } from '../../src/server/flow/newest';
import type { RedisRoomLog } from '../../src/server/roomlog/redis';
import type { LogSlice } from '../../src/server/roomlog/types';
import { ModelLog, type Kept } from '../support/model-log';
import { openLog } from '../support/open-log';
import { newRoom } from '../support/person';
import { startRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import { uniquePrefix } from '../support/server';

const MINUTE = 60_000;
const retention = { keepEntries: 8, keepMs: 60 * MINUTE, idWindowMs: 5 * MINUTE };
const BEGIN = Date.UTC(2026, 0, 1);

let log: RedisRoomLog;
let client: RedisClient;

beforeAll(async () => {
  const redis = await startRedis();
  client = await redisClient(redis);
  log = await openLog(redis, uniquePrefix(), retention);
});

interface Wanted {
  kind: EntryBody['kind'];
  from: string;
  id: string;
  text: string;
  target: Ref;
  reply: boolean;
  age: number;
}

type Step =
  | {
      do: 'append';
      room: 0 | 1;
      batch: Wanted[];
    }
  | { do: 'wait'; ms: number }
  | { do: 'lose everything' };

const from = fc.constantFrom('guest:Ann', 'guest:Ben', '"],{:0');
const id = fc.constantFrom('a', 'b', 'c', '1:2:3', '%d');
const message: fc.Arbitrary<Wanted> = fc.record({
  kind: fc.constantFrom('message', 'message', 'edit', 'delete', 'reaction'),
  from,
  id: fc.oneof(id, fc.nat({ max: 30 }).map(String)),
  target: fc.record({ from, id }, { noNullPrototype: true }),
  text: fc.constantFrom('one', 'two', '\0 "한" 😀\n', '%s%d'),
  reply: fc.boolean(),
  age: fc.constantFrom(0, 0, 1, 4 * MINUTE, 5 * MINUTE, 20 * MINUTE, 90 * MINUTE),
});
const step = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      room: fc.constantFrom(0 as const, 1 as const),
      batch: fc.array(message, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 70 * MINUTE }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'lose everything' as const }) },
);

/** The real room beside its model. */
class Pair {
  readonly room = newRoom();
  readonly published: LogSlice[] = [];
  readonly expected: LogSlice[] = [];
  model: ModelLog | undefined;
  private heard = (): void => undefined;

  async open(): Promise<void> {
    await log.subscribe(this.room, (slice) => {
      this.published.push(slice);
      this.heard();
    });
  }

  async append(batch: EntryBody[], now: number): Promise<void> {
    const places = await log.append(this.room, batch);
    const { epoch } = places[0]!;
    if (!this.model) this.model = new ModelLog(epoch, retention);
    const { model } = this;
    const expected = model.append(batch, now);
    expect(places).toStrictEqual(expected.places);
    if (expected.added.length > 0) this.expected.push(this.slice(expected.added));
    await this.compare();
  }

  /** What is stored is what the model holds, read in both directions. */
  async compare(): Promise<void> {
    const { model } = this;
    if (!model) return;
    const stored = this.slice(model.kept);
    expect(await log.readAfter(this.room, 0, 1_000)).toStrictEqual(stored);
    expect(await log.readBefore(this.room, Number.MAX_SAFE_INTEGER, 1_000)).toStrictEqual(stored);
    const page = model.page(this.room);
    const { entries: _, ...state } = stored;
    const newest = { before: Number.MAX_SAFE_INTEGER };
    expect(await log.page(this.room, newest, 1_000)).toEqual({ ...state, messages: page, more: false });
    const some = await log.page(this.room, { after: page[0]?.seq ?? 0 }, 2);
    expect(some).toEqual({ ...state, messages: page.slice(1, 3), more: page.length > 3 });
    expect(await log.heads([this.room])).toMatchObject([{ epoch: model.epoch, head: model.head }]);
  }

  /** One more message, so that nothing can be on its way any more; then all publications are compared. */
  async close(now: number): Promise<void> {
    const last = new Promise<void>((done) => {
      this.heard = () => {
        if (this.published.at(-1)!.entries.at(-1)!.id === 'last') done();
      };
    });
    await this.append([body(said('last'), now)], now);
    await last;
    expect(this.published).toStrictEqual(this.expected);
    this.compareNewest();
  }

  /** A feed that hears everything knows the messages as they are now. */
  private compareNewest(): void {
    const { epoch, first } = this.model!;
    const newest = new Newest();
    for (const slice of this.published) if (slice.epoch === epoch) newest.take(slice.entries);
    expect(newest.page(first).messages).toEqual(this.model!.page(this.room));
  }

  private slice(entries: Kept[]): LogSlice {
    const { epoch, first, head, n } = this.model!;
    return {
      ...{ epoch, first, head, n },
      entries: entries.map((kept) => ({ room: this.room, epoch, seq: kept.seq, n: kept.n, ...kept.body })),
    };
  }
}

const said = (id: string): Wanted => ({
  kind: 'message',
  from: 'guest:Ann',
  id,
  text: id,
  target: { from: '', id: '' },
  reply: false,
  age: 0,
});

function body({ kind, from, id, text, target, reply, age }: Wanted, now: number): EntryBody {
  const common = { id, from: { id: from, name: `as of ${now}` }, at: now - age };
  switch (kind) {
    case 'message':
      return { ...common, kind, text, ...(reply && { replyTo: { from: 'guest:Ben', id: 'a' } }) };
    case 'edit':
      return { ...common, kind, target, text };
    case 'delete':
      return { ...common, kind, target };
    case 'reaction':
      return { ...common, kind, target, emoji: text.trim() === 'one' ? '__proto__' : '👍', on: !reply };
  }
}

async function run(steps: Step[]): Promise<void> {
  let now = BEGIN;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
  try {
    const pairs = [new Pair(), new Pair()] as const;
    for (const pair of pairs) await pair.open();
    const lost = new Set<string>();
    for (const each of steps) {
      if (each.do === 'wait') now += each.ms;
      else if (each.do === 'append')
        await pairs[each.room].append(
          each.batch.map((wanted) => body(wanted, now)),
          now,
        );
      else {
        await client.flushAll();
        for (const pair of pairs) {
          if (pair.model) lost.add(pair.model.epoch);
          pair.model = undefined;
        }
      }
      for (const pair of pairs) expect(lost.has(pair.model?.epoch ?? 'none')).toBe(false);
    }
    for (const pair of pairs) await pair.close(now);
  } finally {
    clock.mockRestore();
  }
}

describe('append', () => {
  test('[LOG-6] batches, repeats, conflicts, trimming and a lost Redis are as in the model', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), run), { numRuns: 60 });
  }, 60_000);

  test('[LOG-7] what many append to a room at once gets places without hole or double', async () => {
    const room = newRoom();
    const one = (id: string): EntryBody => body(said(id), Date.now());
    const ids = Array.from({ length: 200 }, (_, i) => `m${i % 100}`);
    const places = await Promise.all(ids.map(async (id) => (await log.append(room, [one(id)]))[0]!));
    const seqs = places.map(({ seq }) => seq);
    expect([...new Set(seqs)].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    for (let i = 0; i < 100; i++) expect(places[i]!.seq).toBe(places[i + 100]!.seq);
  });
});
