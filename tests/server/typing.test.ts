import { TYPING_EXPIRES_MS, TYPING_REPEAT_MS } from '../../src/protocol/limits';
import { Attendance } from '../support/attendance';
import { eventually } from '../support/eventually';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

let one: TestServer;
let two: TestServer;
let ann: Person;
let ann2: Person;
let ben: Person;
let cleo: Person;
let stranger: Person;
let room: string;

const user = { id: 'guest:Ann', name: 'Ann' };

beforeAll(async () => {
  [one, two] = (await startServers(await startRedis(), 2)) as [TestServer, TestServer];
  [ann, ann2] = [await enter(one, named('Ann')), await enter(two, named('Ann'))];
  [ben, cleo, stranger] = [
    await enter(one, named('Ben')),
    await enter(two, named('Cleo')),
    await enter(two, named('Sly')),
  ];
});

beforeEach(() => void (room = newRoom()));

/** What these people are told of the room. Whoever hears `end` has heard all that came before it. */
async function listeners(...people: Person[]): Promise<Attendance[]> {
  await gather(room, ...people);
  return people.map((person) => new Attendance(person, room));
}

const heard = (...all: Attendance[]) => all.map(({ typing }) => typing.map(({ active }) => active));

test('[TYPE-1] typing is told to all other connections that joined, on every server, and to nobody else', async () => {
  const told = await listeners(ann2, ben, cleo);
  const [own] = await listeners(ann);
  const outside = new Attendance(stranger, room);
  expect(await ann.ask('typing', { room, active: true })).toStrictEqual({ ok: true });
  await eventually(() => {
    for (const each of told) expect(each.typing).toStrictEqual([{ room, user, active: true }]);
  });
  await ann.accepted('typing', { room, active: false });
  await eventually(() => {
    for (const each of told) expect(each.typing.slice(1)).toStrictEqual([{ room, user, active: false }]);
  });
  expect([own!.typing, outside.typing]).toEqual([[], []]);
});

test('[TYPE-2] typing elsewhere is not_a_member, and another payload is invalid', async () => {
  expect(await stranger.refusal('typing', { room, active: true })).toBe('not_a_member');
  await gather(room, stranger);
  for (const payload of [
    { room },
    { room, active: 1 },
    { room, active: true, user },
    { room: 'a b', active: true },
    'x',
  ])
    expect(await stranger.refusal('typing', payload)).toBe('invalid');
  await stranger.accepted('leave', { room });
  expect(await stranger.refusal('typing', { room, active: false })).toBe('not_a_member');
});

test('[TYPE-3] what others know already is acknowledged and not told again; a mark is renewed before it expires', async () => {
  const told = await listeners(ben, cleo);
  await gather(room, ann);
  for (let i = 0; i < 5; i++) await ann.accepted('typing', { room, active: false });
  for (let i = 0; i < 5; i++) await ann.accepted('typing', { room, active: true });
  await eventually(() => expect(heard(...told)).toEqual([[true], [true]]));
  const start = performance.now();
  await eventually(async () => {
    await ann.accepted('typing', { room, active: true });
    expect(heard(...told)).toEqual([
      [true, true],
      [true, true],
    ]);
  });
  const afterMs = performance.now() - start;
  expect(afterMs).toBeGreaterThan(1_500);
  expect(afterMs).toBeLessThan(TYPING_REPEAT_MS);
  expect(TYPING_EXPIRES_MS).toBe(2 * TYPING_REPEAT_MS);
});

test('[TYPE-4] who types as fast as he can costs the others a packet a second, also when he joins again and again', async () => {
  const told = await listeners(ben, cleo);
  await gather(room, ann);
  const start = performance.now();
  let emitted = 0;
  while (performance.now() - start < 4_000) {
    const burst = [true, false, true, false].map((active) => ann.accepted('typing', { room, active }));
    await Promise.all([...burst, ann.join(room)]);
    emitted += burst.length;
  }
  const seconds = (performance.now() - start) / 1_000;
  expect(emitted).toBeGreaterThan(200);
  await eventually(() => expect(heard(told[0]!)).toEqual(heard(told[1]!)));
  const [{ typing }] = told as [Attendance];
  expect(typing.length).toBeGreaterThan(4);
  expect(typing.length).toBeLessThanOrEqual(4 + seconds + 1);
});

test('[TYPE-5] however many type in a room, each server tells ten packets a second of it', async () => {
  const told = await listeners(cleo);
  const crowd = await Promise.all(Array.from({ length: 40 }, (_, i) => enter(one, named(`Typist ${i}`))));
  await gather(room, ...crowd);
  const start = performance.now();
  await Promise.all(crowd.map((person) => person.accepted('typing', { room, active: true })));
  await eventually(() => expect(told[0]!.typing.length).toBeGreaterThanOrEqual(20));
  const seconds = (performance.now() - start) / 1_000;
  expect(told[0]!.typing.length).toBeLessThanOrEqual(20 + 10 * seconds);
});
