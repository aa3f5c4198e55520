import { createHash } from 'node:crypto';
import { eventually } from '../support/eventually';
import { enter, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import { uniquePrefix, type TestServer } from '../support/server';

const DAY_MS = 86_400_000;
const keyPrefix = uniquePrefix();
let redis: TestRedis;
let client: RedisClient;
let one: TestServer;
let two: TestServer;
let count = 0;

beforeAll(async () => {
  redis = await startRedis();
  client = await redisClient(redis);
  [one, two] = (await startServers(redis, 2, { keyPrefix })) as [TestServer, TestServer];
});

/** A user that no other test knows. */
const newUser = () => named(`user ${++count}`);
const roomsOf = async (person: Person) => (await person.accepted('rooms', {})).rooms.map(({ room }) => room);
const userKey = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 28);

test('[PEOPLE-18] [PEOPLE-25] leaving what was never joined, and rooms, are limited as joins are', async () => {
  const [server] = await startServers(redis, 1, { sendsPerSecond: 1, sendsBurst: 5 });
  for (const event of ['leave', 'rooms'] as const) {
    const person = await enter(server!, newUser());
    const payload = () => (event === 'leave' ? { room: newRoom() } : {});
    const codes = await Promise.all(Array.from({ length: 15 }, () => person.refusal(event, payload())));
    expect(codes.slice(0, 10)).toEqual(Array(10).fill(undefined));
    expect(codes.slice(-3)).toEqual(Array(3).fill('rate_limited'));
    expect(await person.refusal('leave', { room: 'lobby' })).toBeUndefined(); // what one is in can be left
  }
});

test('[PEOPLE-19] an invitation of somebody nobody knows is kept for a day, until he comes', async () => {
  const person = await enter(one, newUser());
  const ttl = (id: string) => client.pTTL(`${keyPrefix}{user:${userKey(id)}}:rooms`);
  const stranger = newUser();
  const id = `guest:user ${count}`;
  const { room } = await person.accepted('openDirect', { user: id });
  await eventually(async () => expect(await ttl(id)).toBeGreaterThan(0));
  expect(await ttl(id)).toBeLessThanOrEqual(DAY_MS);
  const late = await enter(two, stranger);
  expect(await roomsOf(late)).toContain(room);
  expect(await ttl(id)).toBeGreaterThan(89 * DAY_MS);
  const other = await enter(two, newUser());
  const second = await other.accepted('openDirect', { user: id });
  await eventually(async () => expect(await roomsOf(late)).toContain(second.room));
  expect(await ttl(id)).toBeGreaterThan(89 * DAY_MS);
});

test('[PEOPLE-20] a resume brings back no membership that ended on another device; a join does', async () => {
  const me = newUser();
  const room = newRoom();
  const [here, there] = [await enter(one, me), await enter(two, me)];
  await here.join(room);
  const { epoch, seq } = await here.say(room, 'hi');
  here.end();
  await there.accepted('leave', { room });
  const again = await enter(one, { auth: { ...(me.auth as object), rooms: { [room]: { epoch, seq } } } });
  await again.say(room, 'joined on this connection');
  expect(await roomsOf(again)).toEqual(['lobby']);
  await again.join(room);
  await eventually(async () => expect(await roomsOf(there)).toContain(room));
});

test('[PEOPLE-20] what an unnamed guest resumes are his rooms again', async () => {
  const guest = await enter(one);
  const room = newRoom();
  await guest.join(room);
  const { epoch, seq } = await guest.say(room, 'hi');
  const rooms = { [room]: { epoch, seq } };
  const again = await enter(two, { auth: { token: guest.hello.token, rooms } });
  expect((await roomsOf(again)).sort()).toEqual(['lobby', room]);
});

test('[PEOPLE-21] who has left the lobby is not told of it on that connection, until he joins it again', async () => {
  const me = newUser();
  const [left, detached, writer] = [await enter(one, me), await enter(one, me), await enter(two, newUser())];
  const told = [left, detached].map((person) => {
    const heads: number[] = [];
    person.socket.on('activity', ({ room, head }) => room === 'lobby' && heads.push(head));
    return heads;
  });
  await left.accepted('leave', { room: 'lobby' });
  await detached.accepted('detach', { room: 'lobby' });
  const first = await writer.say('lobby', 'anybody here?');
  await eventually(() => expect(told[1]!.at(-1)).toBe(first.seq));
  expect(told[0]).toEqual([]);
  await left.join('lobby');
  await left.accepted('detach', { room: 'lobby' });
  const second = await writer.say('lobby', 'and now?');
  await eventually(() => expect(told[0]!.at(-1)).toBe(second.seq));
});

test('[PEOPLE-22] who is no member any more marks for himself: nobody is told, and the room is not listed', async () => {
  const me = newUser();
  const room = newRoom();
  const [here, there] = [await enter(one, me), await enter(two, me)];
  await here.join(room);
  const { epoch } = await here.sayAll(room, 3);
  const lobby = await here.say('lobby', 'hi');
  await there.accepted('leave', { room });
  const told: string[] = [];
  there.socket.on('read', (read) => told.push(read.room));
  await here.accepted('markRead', { room, epoch, seq: 3 });
  expect(await roomsOf(here)).toEqual(['lobby']);
  await here.accepted('markRead', { room: 'lobby', epoch: lobby.epoch, seq: lobby.seq });
  await eventually(() => expect(told).toEqual(['lobby']));
});
