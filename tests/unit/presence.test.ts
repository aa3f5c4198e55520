import fc from 'fast-check';
import type { User } from '../../src/protocol/entries';
import type { Presence } from '../../src/protocol/events';
import { Board } from '../../src/server/presence/board';
import { afterOf, byId, compareIds, pageOf } from '../../src/server/presence/members';
import { View } from '../../src/server/presence/view';
import { MemoryPresence } from '../support/memory-presence';

const user = (name: string): User => ({ id: `guest:${name}`, name });
const everybody = (count: number): User[] => Array.from({ length: count }, (_, i) => user(`Person ${i}`));

/** Long enough for every room to be compared, and then for whoever may only have been lost by the store to be given up. */
const SETTLED_MS = 75_000;

class Server {
  dead = false;
  readonly told: Presence[] = [];
  readonly toldAt: number[] = [];
  /** Whose connections are here. */
  readonly here: User[] = [];
  readonly board: Board;

  constructor(store: MemoryPresence, hint: (from: Server, rooms: string[]) => void) {
    this.board = new Board({
      isPressed: () => false,
      store: store.open(() => this.dead),
      announce: (presence) => this.tell(presence),
      hint: (rooms) => hint(this, rooms),
      report: (problem, error) => {
        throw new Error(problem, { cause: error });
      },
    });
  }

  private tell(presence: Presence): void {
    if (this.here.length === 0) return;
    this.told.push(presence);
    this.toldAt.push(performance.now());
  }
}

/** Servers over one store in memory. */
class Fleet {
  readonly store = new MemoryPresence();
  readonly servers: Server[] = [];
  losesHints = false;

  constructor(count: number) {
    for (let i = 0; i < count; i++) this.add();
  }

  add(): void {
    this.servers.push(new Server(this.store, (from, rooms) => this.hint(from, rooms)));
  }

  private hint(from: Server, rooms: string[]): void {
    if (this.losesHints || this.store.away || from.dead) return;
    for (const each of this.servers) if (each !== from && !each.dead) each.board.hear(rooms);
  }

  join(i: number, who: User): void {
    const { board, here, dead } = this.servers[i]!;
    if (dead) return;
    here.push(who);
    board.joined('tea', who);
  }

  end(i: number, who: User): void {
    const { board, here, dead } = this.servers[i]!;
    const at = here.findIndex(({ id }) => id === who.id);
    if (dead || at === -1) return;
    here.splice(at, 1);
    board.ended('tea', who);
  }

  /** Who has a connection to a server that lives. */
  present(): string[] {
    const here = this.servers.filter(({ dead }) => !dead).flatMap((server) => server.here);
    return [...byId(here).keys()].sort();
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map(({ board }) => board.close()));
  }
}

const wait = (ms: number): Promise<unknown> => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(() => jest.useRealTimers());

const steps = fc.array(
  fc.oneof(
    fc.record({
      what: fc.constantFrom('join' as const, 'end' as const),
      server: fc.nat(2),
      who: fc.nat(5),
    }),
    fc.record({
      what: fc.constantFrom(
        'away' as const,
        'mute' as const,
        'back' as const,
        'forget' as const,
        'lose' as const,
      ),
    }),
    fc.record({ what: fc.constant('hints' as const), lost: fc.boolean() }),
    fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15_000 }) }),
    fc.record({ what: fc.constant('die' as const), server: fc.nat(1) }),
  ),
  { maxLength: 30 },
);

type Story = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** The store comes back empty, and the first that it answers is what could not be answered before. */
const restart: Story = [
  { what: 'join', server: 2, who: 5 },
  { what: 'hints', lost: true },
  { what: 'mute' },
  { what: 'die', server: 1 },
  { what: 'wait', ms: 3_840 },
  { what: 'forget' },
];

test('[PRES-12] whatever gets lost, goes away or dies, all servers end up with the members that there are', async () => {
  const people = everybody(6);
  const faithful = ['Faith', 'Hope', 'Love'].map(user);
  await fc.assert(
    fc.asyncProperty(steps, async (story) => {
      const fleet = new Fleet(3);
      try {
        faithful.forEach((who, i) => fleet.join(i, who));
        await wait(3_000);
        for (const step of story) {
          if (step.what === 'join') fleet.join(step.server, people[step.who]!);
          if (step.what === 'end') fleet.end(step.server, people[step.who]!);
          if (step.what === 'wait') await wait(step.ms);
          if (step.what === 'away') fleet.store.away = true;
          if (step.what === 'mute') fleet.store.mute = true;
          if (step.what === 'back') fleet.store.away = fleet.store.mute = false;
          if (step.what === 'forget') fleet.store.forget();
          if (step.what === 'lose') fleet.store.loseRooms();
          if (step.what === 'hints') fleet.losesHints = step.lost;
          if (step.what === 'die') fleet.servers[step.server]!.dead = true;
        }
        fleet.store.away = fleet.store.mute = false;
        await wait(SETTLED_MS);
        const present = fleet.present();
        for (const { board, dead, told, toldAt, here } of fleet.servers) {
          if (dead) continue;
          const { count, members, partial } = await board.members('tea');
          expect([partial, count, members.map(({ id }) => id)]).toEqual([undefined, present.length, present]);
          if (here.length > 0 && told.length > 0) expect(told.at(-1)!.count).toBe(present.length);
          // Who never left is never said to have left, and nobody is told more than once a second.
          const stayed = faithful.filter((_, i) => !fleet.servers[i]!.dead);
          expect(told.flatMap(({ left = [] }) => left).filter((who) => stayed.includes(who))).toEqual([]);
          expect(toldAt.filter((at, i) => i > 0 && at - toldAt[i - 1]! < 1_000)).toEqual([]);
        }
      } finally {
        await fleet.close(); // or stories that are tried after it wait for its timers too
      }
    }),
    { numRuns: 150, examples: [[restart]] },
  );
});

const outages = [500, 3_500, 9_000, 60_000].flatMap((ms) =>
  [true, false].map((loses) => [ms, loses] as const),
);

test.each(outages)(
  '[PRES-9] after %d ms without the store (all lost: %j) nobody is said to have left',
  async (outageMs, loses) => {
    // Of two servers that do not renew their leases at the same time one is back first.
    const fleet = new Fleet(1);
    await wait(1_500);
    fleet.add();
    fleet.join(0, user('Ann'));
    fleet.join(1, user('Ben'));
    await wait(4_000);
    expect(fleet.servers.map(({ told }) => told.splice(0).at(-1)?.count)).toEqual([2, 2]);
    fleet.store.away = true;
    await wait(outageMs);
    if (loses) fleet.store.forget();
    fleet.store.away = false;
    fleet.servers[1]!.board.recover();
    await wait(SETTLED_MS);
    expect(fleet.servers.map(({ told }) => told)).toEqual([[], []]);
    await fleet.close();
  },
);

test('[PRES-8] [PRES-11] the members of a dead server are gone, and what it has stored is removed', async () => {
  const fleet = new Fleet(2);
  fleet.join(0, user('Ann'));
  fleet.join(1, user('Ben'));
  await wait(3_000);
  expect(fleet.store.servers('tea')).toBe(2);
  fleet.servers[1]!.dead = true;
  await wait(13_000);
  expect(fleet.store.servers('tea')).toBe(1);
  expect(fleet.servers[0]!.told.at(-1)).toEqual({ room: 'tea', count: 1, left: [user('Ben')] });
  fleet.end(0, user('Ann'));
  await fleet.close();
});

test('[PRES-11] nothing is left behind by a store that does not say whether it has stored', async () => {
  const fleet = new Fleet(1);
  await wait(1_000);
  fleet.store.mute = true;
  fleet.join(0, user('Ann'));
  await wait(1_000);
  fleet.end(0, user('Ann'));
  fleet.store.away = true;
  await wait(4_000);
  fleet.store.away = fleet.store.mute = false;
  await wait(4_000);
  expect(fleet.store.servers('tea')).toBe(0);
  await fleet.close();
});

test('[PRES-10] a lost hint is made good within 31 seconds', async () => {
  const fleet = new Fleet(2);
  fleet.join(0, user('Ann'));
  await wait(40_000);
  fleet.losesHints = true;
  fleet.join(1, user('Ben'));
  await wait(31_000);
  expect(fleet.servers[0]!.told.at(-1)).toEqual({ room: 'tea', count: 2, joined: [user('Ben')] });
  await fleet.close();
});

test('[PRES-5] a room that grows above 200 and shrinks again is told by its count meanwhile', async () => {
  const fleet = new Fleet(2);
  const people = everybody(202);
  people.slice(0, 199).forEach((who, i) => fleet.join(i % 2, who));
  await wait(5_000);
  const { told } = fleet.servers[0]!;
  expect(told.at(-1)).toMatchObject({ count: 199 });
  told.length = 0;
  for (const who of people.slice(199)) {
    fleet.join(1, who);
    await wait(3_000);
  }
  fleet.end(1, people[201]!);
  await wait(6_000);
  fleet.end(1, people[200]!);
  await wait(6_000);
  fleet.end(1, people[199]!);
  await wait(6_000);
  expect(told).toEqual([
    { room: 'tea', count: 200, joined: [people[199]] },
    { room: 'tea', count: 201 },
    { room: 'tea', count: 202 },
    { room: 'tea', count: 201 },
    { room: 'tea', count: 200 },
    { room: 'tea', count: 199, left: [people[199]] },
  ]);
  await fleet.close();
});

test('[PRES-5] is told by its count where more have come between the reading of counts and of names', () => {
  const view = new View();
  const [own, ...others] = everybody(202);
  view.take([{ server: 'other', rev: 1, count: 3, users: byId(others) }], false);
  expect(view.announce('tea', byId([own!]))).toEqual({ room: 'tea', count: 202 });
  expect(view.members(byId([own!]))).toBeUndefined();
});

const ids = fc.string({ unit: fc.constantFrom('a', 'B', '~', 'é', '가', '\uffee', '😀', '𐍈'), minLength: 1 });

test('[PRES-6] ids are sorted as their bytes in UTF-8, as the store does', () => {
  fc.assert(
    fc.property(ids, ids, (a, b) => {
      expect(Math.sign(compareIds(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('[PRES-6] a walk over all pages has everybody once, whatever the ids are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(ids, { maxLength: 900, size: 'max' }), (all) => {
      const users = byId(all.map((id) => ({ id, name: id })));
      const walked: string[] = [];
      let cursor: string | undefined;
      do {
        const page = pageOf('tea', users, afterOf(cursor));
        walked.push(...page.members.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(walked).toEqual([...all].sort(compareIds));
    }),
    { numRuns: 50 },
  );
});

test.each(['x', '=', 'YQ==', 'YQ=', '\u0000', '//8', 'gICA', ' ', '가'])(
  '[PRES-7] %j is no cursor of an answer',
  (cursor) => {
    expect(() => afterOf(cursor)).toThrow('cursor');
  },
);
