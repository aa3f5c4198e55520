import { attend, counts } from '../support/attendance';
import { eventually } from '../support/eventually';
import { enter, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import { startServer, type TestServer } from '../support/server';

let one: TestServer;
let two: TestServer;
let redisUrl: string;
let keyPrefix: string;

const user = (name: string) => ({ id: `guest:${name}`, name });
const names = async (person: Person, room: string): Promise<string[]> =>
  (await person.accepted('members', { room })).members.map(({ name }) => name);

beforeAll(async () => {
  const redis = await startRedis();
  redisUrl = redis.url;
  keyPrefix = 'test:';
  [one, two] = (await startServers(redis, 2, { keyPrefix })) as [TestServer, TestServer];
});

test.concurrent('[PRES-1] who comes and who goes is told once to all members, on every server', async () => {
  const room = newRoom();
  const [, ann] = await attend(one, room, 'Ann');
  await counts(1, ann);
  const [benPerson, ben] = await attend(two, room, 'Ben');
  await counts(2, ann, ben);
  const [cleoPerson, cleo] = await attend(one, room, 'Cleo');
  await counts(3, ann, ben, cleo);
  benPerson.end();
  await counts(2, ann, cleo);
  await cleoPerson.accepted('leave', { room });
  await counts(1, ann);
  expect(ann.packets).toStrictEqual([
    { room, count: 1, joined: [user('Ann')] },
    { room, count: 2, joined: [user('Ben')] },
    { room, count: 3, joined: [user('Cleo')] },
    { room, count: 2, left: [user('Ben')] },
    { room, count: 1, left: [user('Cleo')] },
  ]);
  expect(ben.packets).toStrictEqual(ann.packets.slice(1, 3));
  expect(cleo.packets).toStrictEqual(ann.packets.slice(2, 4));
});

test.concurrent('[PRES-2] several connections of a user are one member, wherever they are', async () => {
  const room = newRoom();
  const [, ann] = await attend(one, room, 'Ann');
  await counts(1, ann);
  const devices = await Promise.all([one, one, two].map((server) => attend(server, room, 'Ben')));
  await counts(2, ann);
  await Promise.all(
    devices.map(([person]) => eventually(async () => expect(await names(person, room)).toHaveLength(2))),
  );
  await devices[0]![0].accepted('detach', { room });
  devices[2]![0].end();
  const [, cleo] = await attend(two, room, 'Cleo');
  await counts(3, ann, cleo);
  devices[1]![0].end();
  await counts(2, ann, cleo);
  expect(ann.joined).toEqual(['Ann', 'Ben', 'Cleo']);
  expect(ann.left).toEqual(['Ben']);
});

test.concurrent(
  '[PRES-3] who is back at once, here or on another server, was not seen to go or to come',
  async () => {
    const room = newRoom();
    const [, ann] = await attend(one, room, 'Ann');
    await counts(1, ann);
    const [, other] = await attend(two, room, 'Zoe');
    await counts(2, ann, other);
    const [ben] = await attend(one, room, 'Ben');
    await counts(3, ann, other);
    ben.end();
    const [again] = await attend(one, room, 'Ben');
    again.end();
    const [moved] = await attend(two, room, 'Ben');
    // What follows is told, and nothing else has been before.
    const [, cleo] = await attend(one, room, 'Cleo');
    await counts(4, ann, other, cleo);
    moved.end();
    await counts(3, ann, other, cleo);
    expect([ann.left, other.left]).toEqual([['Ben'], ['Ben']]);
    expect(ann.joined.sort()).toEqual(['Ann', 'Ben', 'Cleo', 'Zoe']);
  },
);

test.concurrent('[PRES-6] members names all who are present on all servers, sorted', async () => {
  const room = newRoom();
  const [cleo] = await attend(one, room, 'Cleo');
  const [ben] = await attend(two, room, 'Ben');
  const [ann] = await attend(one, room, 'Ann');
  for (const person of [ann, ben, cleo]) {
    await eventually(async () => {
      expect(await person.ask('members', { room })).toStrictEqual({
        ok: true,
        room,
        count: 3,
        members: ['Ann', 'Ben', 'Cleo'].map(user),
      });
    });
  }
  // Who has just come sees himself.
  const [dan] = await attend(two, room, 'Dan');
  expect(await names(dan, room)).toContain('Dan');
});

test.concurrent(
  '[PRES-7] members is for those who may read the room, and takes no other cursor than its own',
  async () => {
    const room = newRoom();
    const [ann] = await attend(one, room, 'Ann');
    await attend(two, room, 'Ben');
    const stranger = await enter(one, named('Sly'));
    expect(await stranger.refusal('members', { room })).toBe('not_a_member');
    expect(await ann.refusal('members', { room, cursor: 'not one' })).toBe('invalid');
    expect(await ann.refusal('members', { room, cursor: '' })).toBe('invalid');
    expect(await ann.refusal('members', { room, page: 2 })).toBe('invalid');
    expect(await ann.refusal('members', { room: 'a room' })).toBe('invalid');
    await ann.accepted('detach', { room });
    await eventually(async () => expect(await names(ann, room)).toEqual(['Ben']));
    await ann.accepted('leave', { room });
    expect(await ann.refusal('members', { room })).toBe('not_a_member');
  },
);

test.concurrent.each(['detach', 'leave'] as const)(
  '[PRES-13] after the answer of %s nothing is told any more',
  async (event) => {
    const room = newRoom();
    const [ann, told] = await attend(one, room, 'Ann');
    await counts(1, told);
    const [ben] = await attend(one, room, 'Ben');
    await counts(2, told);
    await ann.accepted(event, { room });
    const before = told.packets.length;
    const [, cleo] = await attend(one, room, 'Cleo');
    await eventually(() => expect([cleo.count, cleo.left]).toEqual([2, ['Ann']]));
    await ben.accepted('typing', { room, active: true });
    await eventually(() => expect(cleo.typing).toHaveLength(1));
    expect([told.packets.length, told.typing]).toEqual([before, []]);
  },
);

test.concurrent(
  '[PRES-14] a server that stops lets its people go over to others unseen, and those who do not are gone soon',
  async () => {
    const room = newRoom();
    const three = await startServer({ redisUrl, settings: { keyPrefix } });
    await eventually(() => expect(three.stats().state).toBe('ok'));
    const [, ann] = await attend(one, room, 'Ann');
    await attend(three, room, 'Ben');
    await attend(three, room, 'Cleo');
    await counts(3, ann);
    await three.stop();
    await attend(two, room, 'Ben');
    await eventually(() => expect(ann.left).toEqual(['Cleo']), 7_000);
    expect(ann.count).toBe(2);
    // Not told to have come twice; names may be missing while a server's list is changing.
    expect(ann.joined.filter((name) => name === 'Ben').length).toBeLessThanOrEqual(1);
  },
);
