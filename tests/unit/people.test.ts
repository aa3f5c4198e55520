import fc from 'fast-check';
import { Coalescer } from '../../src/server/flow/coalescer';
import { Directory } from '../../src/server/flow/directory';
import { compile, directRoom, isKept, matches, mayEnter } from '../../src/server/people/access';

const user = { id: 'guest:Ann', name: 'Ann' };
const text = (letters: string, maxLength: number) =>
  fc.array(fc.constantFrom(...letters), { maxLength }).map((each) => each.join(''));

describe('patterns of claims', () => {
  test('[PEOPLE-16] a pattern allows what a regular expression with .* for each * would', () => {
    const likeRegExp = (pattern: string): RegExp =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^]*')}$`, 'u');
    fc.assert(
      fc.property(text('ab.*', 8), text('ab.', 10), (pattern, room) => {
        expect(matches(compile(pattern), room)).toBe(likeRegExp(pattern).test(room));
      }),
      { numRuns: 5_000 },
    );
  });

  test('[PEOPLE-16] spelled in any way, it means the normalised names', () => {
    expect(mayEnter(user, { rooms: ['cafe\u0301-*'] }, 'caf\u00e9-1')).toBe(true);
  });

  test('[PEOPLE-16] no pattern takes long', () => {
    const start = performance.now();
    expect(matches(compile(`${'a*'.repeat(4_000)}b`), 'a'.repeat(64))).toBe(false);
    expect(matches(compile(`${'*a'.repeat(60)}*b`), 'a'.repeat(64))).toBe(false);
    expect(performance.now() - start).toBeLessThan(500);
  });

  test('[PEOPLE-16] no claim opens a direct room of others, and none is needed for the own one and the lobby', () => {
    const names = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(names, names, names, (a, b, c) => {
        fc.pre(c !== a && c !== b);
        const room = directRoom(a, b);
        const enters = (id: string, rooms: string[]): boolean => mayEnter({ id, name: id }, { rooms }, room);
        expect(room).toBe(directRoom(b, a));
        expect([enters(a, []), enters(b, []), enters(c, ['*', 'dm:*', room])]).toEqual([true, true, false]);
      }),
    );
    expect(mayEnter(user, { rooms: [] }, 'lobby')).toBe(true);
    expect(mayEnter(user, { rooms: [] }, 'other')).toBe(false);
  });

  test('[PEOPLE-9] an unnamed guest is told from a named one by his id', () => {
    expect(isKept(`guest:${'x'.repeat(43)}`)).toBe(false);
    for (const id of ['guest:Ann', `guest:${'x'.repeat(40)}`, 'x'.repeat(43), 'ann'])
      expect(isKept(id)).toBe(true);
  });
});

describe('directory', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const rooms = fc.constantFrom('r', 's', 't');
  const step = fc.oneof(
    fc.record({ what: fc.constant('enter' as const), key: names, session: fc.nat(4) }),
    fc.record({ what: fc.constant('exit' as const), key: names, session: fc.nat(4) }),
    fc.record({ what: fc.constant('set' as const), key: names, room: rooms, member: fc.boolean() }),
    fc.record({ what: fc.constant('replace' as const), key: names, rooms: fc.uniqueArray(rooms) }),
  );

  test('[PEOPLE-11] it knows the sessions of each room’s members, and forgets who has gone', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const directory = new Directory<string>();
        const model = new Map<string, { sessions: Set<string>; rooms: Set<string> }>();
        for (const each of steps) {
          const known = model.get(each.key);
          if (each.what === 'enter') {
            const session = `${each.key}${each.session}`;
            directory.enter(each.key, session);
            if (known) known.sessions.add(session);
            else model.set(each.key, { sessions: new Set([session]), rooms: new Set() });
          } else if (each.what === 'exit') {
            const session = `${each.key}${each.session}`;
            directory.exit(each.key, session);
            if (known?.sessions.delete(session) && known.sessions.size === 0) model.delete(each.key);
          } else if (each.what === 'set') {
            directory.set(each.key, each.room, each.member);
            if (each.member) known?.rooms.add(each.room);
            else known?.rooms.delete(each.room);
          } else {
            directory.replace(each.key, each.rooms);
            if (known) known.rooms = new Set(each.rooms);
          }
        }
        for (const room of ['r', 's', 't']) {
          const expected = [...model.values()].flatMap((each) =>
            each.rooms.has(room) ? [...each.sessions] : [],
          );
          expect([...directory.sessionsOf(room)].sort()).toEqual(expected.sort());
        }
        expect(directory.keys().sort()).toEqual([...model.keys()].sort());
        for (const [key, each] of model) expect(directory.count(key)).toBe(each.rooms.size);
        expect([...directory.allSessions()]).toHaveLength(
          [...model.values()].reduce((sum, { sessions }) => sum + sessions.size, 0),
        );
      }),
    );
  });
});

describe('coalescer', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('[PEOPLE-11] the first passes at once, then one in an interval, and the latest always in the end', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(700), { minLength: 1, maxLength: 20 }), (pauses) => {
        const passed: { at: number; value: number }[] = [];
        const coalescer = new Coalescer<number>(1_000, (_, value) => passed.push({ at: Date.now(), value }));
        pauses.forEach((pause, i) => {
          jest.advanceTimersByTime(i === 0 ? 0 : pause);
          coalescer.offer('room', i);
          if (i === 0) expect(passed).toHaveLength(1);
        });
        jest.advanceTimersByTime(2_000);
        expect(passed.at(-1)!.value).toBe(pauses.length - 1);
        passed.slice(1).forEach(({ at, value }, i) => {
          expect(at - passed[i]!.at).toBeGreaterThanOrEqual(1_000);
          expect(value).toBeGreaterThan(passed[i]!.value);
        });
        expect(jest.getTimerCount()).toBe(0);
      }),
    );
  });

  test('[PEOPLE-11] keys do not wait for each other, and closing drops what waits', () => {
    const passed: string[] = [];
    const coalescer = new Coalescer<number>(1_000, (key, value) => passed.push(`${key}${value}`));
    for (const key of ['a', 'b', 'a']) coalescer.offer(key, passed.length);
    expect(passed).toEqual(['a0', 'b1']);
    coalescer.close();
    jest.advanceTimersByTime(5_000);
    expect(passed).toEqual(['a0', 'b1']);
  });
});
