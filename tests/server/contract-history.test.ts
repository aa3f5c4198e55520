import type { HistoryAnswer } from '../../src/protocol/events';
import { enter, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;
const room = newRoom();
let epoch: string;
const COUNT = 250;

beforeAll(async () => {
  [one, two] = (await startServers(await startRedis(), 2)) as [TestServer, TestServer];
  ann = await enter(one, named('Ann'));
  ben = await enter(two, named('Ben'));
  epoch = (await ann.join(room)).epoch!;
  await ann.sayAll(room, COUNT);
  await ben.join(room);
});

interface Bounds {
  before?: number;
  after?: number;
  limit?: number;
}

async function page(bounds: Bounds): Promise<[from: number, to: number, complete: boolean]> {
  const { messages, complete } = await ben.accepted('history', { room, ...bounds });
  const seqs = messages.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i));
  return [seqs[0] ?? 0, seqs.at(-1) ?? 0, complete];
}
const EMPTY = [0, 0, true];

describe('history', () => {
  test('[HIST-1] without bounds: the newest 50, ascending, in exactly the documented shape', async () => {
    const answer = await ben.accepted('history', { room });
    expect(answer).toStrictEqual({
      ok: true,
      ...{ room, epoch, first: 1, head: COUNT, complete: false },
      messages: expect.any(Array) as unknown[],
    });
    await ann.reaches(room, COUNT);
    expect(answer.messages).toStrictEqual(ann.entries(room).slice(-50));
  });

  test.each<[Bounds, number, number, boolean]>([
    [{}, 201, 250, false],
    [{ limit: 1 }, 250, 250, false],
    [{ limit: 200 }, 51, 250, false],
    [{ before: 251 }, 201, 250, false],
    [{ before: 250 }, 200, 249, false],
    [{ before: 101, limit: 100 }, 1, 100, true],
    [{ before: 102, limit: 100 }, 2, 101, false],
    [{ before: 51 }, 1, 50, true],
    [{ before: 2 }, 1, 1, true],
    [{ after: 0 }, 1, 50, false],
    [{ after: 10, limit: 5 }, 11, 15, false],
    [{ after: 200 }, 201, 250, true],
    [{ after: 199 }, 200, 249, false],
    [{ after: 249 }, 250, 250, true],
    [{ after: 50, limit: 200 }, 51, 250, true],
  ])(
    '[HIST-2] bounds are exclusive, and complete says that nothing is left: %j',
    async (bounds, ...expected) => {
      expect(await page(bounds)).toEqual(expected);
    },
  );

  test.each<Bounds>([{ before: 1 }, { before: 0 }, { after: 250 }, { after: 251 }, { after: 1_000_000 }])(
    '[HIST-3] beyond either end a page is empty and complete: %j',
    async (bounds) => {
      expect(await page(bounds)).toEqual(EMPTY);
    },
  );

  test.each([1, 49, 50, 83, 200])(
    '[HIST-4] pages of %d, walked in both directions, have every message',
    async (limit) => {
      const walk = async (direction: 'before' | 'after', start: number): Promise<number[]> => {
        const seqs: number[] = [];
        let bound = start;
        for (;;) {
          const answer: HistoryAnswer = await ben.accepted('history', { room, [direction]: bound, limit });
          const found = answer.messages.map(({ seq }) => seq);
          seqs.push(...found);
          if (answer.complete) return seqs.sort((a, b) => a - b);
          expect(found.length).toBeGreaterThan(0);
          bound = direction === 'after' ? found.at(-1)! : found[0]!;
        }
      };
      const all = Array.from({ length: COUNT }, (_, i) => i + 1);
      expect(await walk('after', 0)).toEqual(all);
      expect(await walk('before', COUNT + 1)).toEqual(all);
    },
  );

  test.each<[string, object]>([
    ['both bounds', { before: 10, after: 1 }],
    ['limit 0', { limit: 0 }],
    ['limit 201', { limit: 201 }],
    ['half a limit', { limit: 1.5 }],
    ['a limit in a string', { limit: '5' }],
    ['a negative bound', { after: -1 }],
    ['a bound of null', { before: null }],
    ['half a bound', { before: 1.5 }],
    ['an unsafe bound', { after: 2 ** 60 }],
    ['an epoch that is a number', { epoch: 1 }],
    ['an unknown key', { order: 'desc' }],
  ])('[HIST-5] %s is invalid', async (_, extra) => {
    expect(await ben.refusal('history', { room, ...extra })).toBe('invalid');
  });

  test('[HIST-6] of this epoch it answers, of another one epoch_changed', async () => {
    expect((await ben.accepted('history', { room, epoch })).head).toBe(COUNT);
    for (const bounds of [{}, { before: 10 }, { after: 10 }]) {
      expect(await ben.refusal('history', { room, epoch: `${epoch}x`, ...bounds })).toBe('epoch_changed');
    }
  });

  test('[HIST-7] who has not joined or has left is not_a_member', async () => {
    const eve = await enter(two, named('Eve'));
    expect(await eve.refusal('history', { room })).toBe('not_a_member');
    await eve.join(room);
    expect((await eve.accepted('history', { room, limit: 1 })).messages).toHaveLength(1);
    await eve.accepted('leave', { room });
    expect(await eve.refusal('history', { room })).toBe('not_a_member');
  });

  test('[HIST-8] an empty room has an empty and complete history, with its epoch', async () => {
    const empty = newRoom();
    const joined = await ben.join(empty);
    for (const bounds of [{}, { before: 5 }, { after: 0 }]) {
      expect(await ben.accepted('history', { room: empty, ...bounds })).toStrictEqual({
        ok: true,
        ...{ room: empty, epoch: joined.epoch, first: 1, head: 0, messages: [], complete: true },
      });
    }
  });
});
