import { MAX_MEMBERSHIPS } from '../../src/protocol/limits';
import type { Commands } from '../../src/redis/shard';
import { People } from '../../src/server/flow/people';
import { Session } from '../../src/server/flow/session';
import { directRoom, isKept, mayEnter } from '../../src/server/people/access';
import { RedisMemberships } from '../../src/server/people/redis';
import type { ChangeOutcome, UserRooms } from '../../src/server/people/types';
import { Waiting, type Change } from '../../src/server/people/waiting';
import { eventually } from '../support/eventually';
import { MemoryLog } from '../support/memory-log';
import { noLimits } from '../support/sessions';

/** People on one server; the store says what the test wants. */
function setUp() {
  const store = {
    of: jest.fn((_userId: string) => Promise.resolve<UserRooms>(new Map())),
    change: jest.fn(() => Promise.resolve<ChangeOutcome>('changed')),
    invite: jest.fn(() => Promise.resolve<ChangeOutcome>('changed')),
    mark: () => Promise.resolve(undefined),
    flush: jest.fn(),
  };
  const log = new MemoryLog();
  let recovered = (): void => undefined;
  log.onRecovered = (listener) => void (recovered = listener);
  const publish = jest.fn();
  const people = new People({ log, memberships: store, mayEnter, isKept, publish, tellOthers: jest.fn() });
  return { store, publish, people, recover: () => recovered() };
}

let count = 0;

/** A session that has got `hello`, and the rooms of the activity it was told. */
function newSession(id: string) {
  const told: string[] = [];
  const connection = {
    id: `connection ${++count}`,
    send: (_: string, payload: unknown) => void told.push((payload as { room: string }).room),
    deliver: () => undefined,
    isFull: false,
    drained: () => Promise.resolve(),
  };
  const session = new Session({ id, name: 'name' }, {}, connection, noLimits());
  session.open();
  return { session, told };
}

const roomsOf = (...rooms: string[]): UserRooms => new Map(rooms.map((room) => [room, undefined]));

test('[PEOPLE-19] invitations that the store does not take count for nothing, and nobody is told of them', async () => {
  const { store, publish, people } = setUp();
  const { session: victim } = newSession('guest:Victim');
  await people.enter(victim);
  store.invite.mockResolvedValue('full');
  for (let i = 0; i < MAX_MEMBERSHIPS; i++) {
    const { session } = newSession(`guest:${i}`);
    await people.enter(session);
    people.openDirect(session, victim.user.id, directRoom(session.user.id, victim.user.id));
    people.exit(session);
  }
  await Promise.all(store.invite.mock.results.map(({ value }) => value as Promise<unknown>));
  people.checkJoin(victim, 'room');
  expect(publish.mock.calls.filter(([user]) => user === victim.user.id)).toEqual([]);
  expect(publish).toHaveBeenCalledTimes(MAX_MEMBERSHIPS);
});

test('[PEOPLE-18] leaving what one is no member of is told to no server', async () => {
  const { store, publish, people } = setUp();
  const { session } = newSession('guest:Ann');
  await people.enter(session);
  store.change.mockResolvedValue('same');
  people.left(session, 'never joined');
  await Promise.all(store.change.mock.results.map(({ value }) => value as Promise<unknown>));
  expect(publish).not.toHaveBeenCalled();
});

test('[PEOPLE-23] what begins or ends while the rooms of a user are read is not lost', async () => {
  const { store, people } = setUp();
  const first = newSession('guest:Ann');
  const second = newSession('guest:Ann');
  await people.enter(first.session);
  let read = (_: UserRooms): void => undefined;
  store.of.mockReturnValue(new Promise((done) => (read = done)));
  const entering = people.enter(second.session);
  people.heard('guest:Ann', 'direct', true);
  people.heard('guest:Ann', 'left', false);
  people.joined(first.session, 'joined');
  read(roomsOf('left', 'old'));
  await entering;
  for (const room of ['direct', 'left', 'joined', 'old']) people.moved(room, 1, 1);
  expect(second.told).toEqual(['direct', 'joined', 'old']);
});

test('[PEOPLE-23] rooms that could not be read are read again, and a second recovery counts too', async () => {
  jest.useFakeTimers();
  const { store, people, recover } = setUp();
  const { session, told } = newSession('guest:Ann');
  store.of.mockRejectedValueOnce(new Error('away')).mockResolvedValue(roomsOf('room'));
  expect(await people.enter(session)).toBeUndefined();
  await jest.advanceTimersByTimeAsync(2_000);
  people.moved('room', 1, 1);
  expect(told).toEqual(['room']);
  store.of.mockReturnValueOnce(new Promise((done) => setTimeout(() => done(roomsOf()), 500)));
  recover();
  recover();
  await jest.advanceTimersByTimeAsync(1_000);
  people.moved('room', 2, 2);
  expect(told).toEqual(['room', 'room']);
  jest.useRealTimers();
});

test('[PEOPLE-9] an unnamed guest keeps the rooms of the connection when the store is back', async () => {
  const { store, people, recover } = setUp();
  const { session, told } = newSession(`guest:${'x'.repeat(43)}`);
  await people.enter(session);
  people.joined(session, 'room');
  recover();
  await Promise.resolve();
  people.moved('room', 1, 1);
  expect(store.of).not.toHaveBeenCalled();
  expect(told).toEqual(['room']);
});

describe('changes that wait for the store', () => {
  const changeOf = (userId: string, room: string, rest: Partial<Change> = {}): Change => {
    return { userId, room, member: true, invited: false, tried: false, done: jest.fn(), ...rest };
  };

  test('[PEOPLE-24] whoever makes many pushes out his own, not those of others', () => {
    const waiting = new Waiting();
    const mine = changeOf('me', 'mine');
    waiting.put(mine);
    for (let user = 0; user < 12; user++)
      for (let i = 0; i < 1_100; i++) waiting.put(changeOf(`user ${user}`, `room ${i}`));
    expect(waiting.size).toBe(10_000);
    expect(waiting.get('me', 'mine')).toBe(mine);
    expect(mine.done).not.toHaveBeenCalled();
  });

  test('[PEOPLE-24] invitations of others push out nothing that the user did himself', () => {
    const waiting = new Waiting();
    const mine = changeOf('me', 'mine');
    waiting.put(mine);
    for (let i = 0; i < 1_100; i++) waiting.put(changeOf('me', `direct ${i}`, { invited: true }));
    expect([...waiting.of('me')]).toHaveLength(500);
    for (let user = 0; user < 9_700; user++) waiting.put(changeOf(`user ${user}`, 'room'));
    expect(waiting.size).toBe(10_000);
    expect(waiting.get('me', 'mine')).toBe(mine);
  });

  test('[PEOPLE-24] a Redis that is back gets them a few at a time, and those that failed once are told of', async () => {
    let isAway = true;
    let running = 0;
    let most = 0;
    const run = async (): Promise<number> => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      if (isAway) throw new Error('away');
      return 0;
    };
    const store = new RedisMemberships({ run } as unknown as Commands, 'test:');
    const outcomes = Array.from({ length: 1_000 }, (_, i) =>
      store.change('guest:Ann', `room ${i}`, i % 2 === 0),
    );
    await eventually(() => expect(running).toBe(0));
    isAway = false;
    most = 0;
    store.flush();
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['changed']));
    expect(most).toBeLessThanOrEqual(50);
    store.close();
  });
});

test('[PEOPLE-25] patterns of a claim are made ready once, not for each room', () => {
  const rights = { rooms: Array.from({ length: 100 }, (_, i) => `team-${i}-*`) };
  const normalize = jest.spyOn(String.prototype, 'normalize');
  for (let i = 0; i < 1_000; i++) mayEnter({ id: 'ann', name: 'Ann' }, rights, `project-${i}`);
  expect(normalize.mock.calls.length).toBeLessThanOrEqual(100);
  normalize.mockRestore();
});
