import { createHash } from 'node:crypto';
import type { ServerToClient } from '../../src/protocol/events';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { eventually } from '../support/eventually';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient } from '../support/redis-client';
import { connect, startServer, uniquePrefix, type TestServer } from '../support/server';

type Activity = Parameters<ServerToClient['activity']>[0];
type Read = Parameters<ServerToClient['read']>[0];

const keyPrefix = uniquePrefix();
let redis: TestRedis;
let one: TestServer;
let two: TestServer;
let count = 0;

beforeAll(async () => {
  redis = await startRedis();
  [one, two] = (await startServers(redis, 2, { keyPrefix })) as [TestServer, TestServer];
});

/** A user that no other test knows. */
const newUser = () => named(`user ${++count}`);

async function rowOf(person: Person, room: string) {
  const { rooms } = await person.accepted('rooms', {});
  return rooms.find((row) => row.room === room);
}

const roomsOf = async (person: Person) => (await person.accepted('rooms', {})).rooms.map(({ room }) => room);

/** All that this connection is told of a room from now on. */
function activityOf(person: Person, room: string): Activity[] {
  const told: Activity[] = [];
  person.socket.on('activity', (each) => each.room === room && told.push(each));
  return told;
}

function readsOf(person: Person): Read[] {
  const told: Read[] = [];
  person.socket.on('read', (each) => told.push(each));
  return told;
}

const key = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 28);

describe('rooms of a user', () => {
  test('[PEOPLE-1] [PEOPLE-2] a first join makes a member on every server and device; leave ends it', async () => {
    const me = newUser();
    const [room, other] = [newRoom(), newRoom()];
    const [phone, desk] = [await enter(one, me), await enter(two, me)];
    expect(await phone.accepted('rooms', {})).toStrictEqual({
      ok: true,
      rooms: [
        { room: 'lobby', head: expect.any(Number) as number, n: expect.any(Number) as number, read: 0 },
      ],
    });
    await phone.join(room);
    await phone.join(other);
    await phone.say(room, 'hi');
    await phone.accepted('detach', { room });
    await eventually(async () => expect(await rowOf(desk, room)).toEqual({ room, head: 1, n: 1, read: 0 }));
    phone.end();
    expect((await roomsOf(await enter(one, me))).sort()).toEqual(['lobby', room, other].sort());
    await desk.accepted('leave', { room });
    const again = await enter(one, me);
    await eventually(async () => expect((await roomsOf(again)).sort()).toEqual(['lobby', other].sort()));
    expect(await roomsOf(desk)).not.toContain(room);
  });

  test('[PEOPLE-1] a restarted server knows them, and what was read', async () => {
    const me = newUser();
    const room = '__proto__';
    const third = await startServer({ redisUrl: redis.url, settings: { keyPrefix } });
    const first = await enter(third, me);
    await first.join(room);
    const { epoch, seq } = await first.sayAll(room, 3);
    await first.accepted('markRead', { room, epoch, seq: seq - 1 });
    await third.stop();
    const fourth = await startServer({ redisUrl: redis.url, settings: { keyPrefix } });
    await eventually(() => expect(fourth.stats().state).toBe('ok'));
    expect(await rowOf(await enter(fourth, me), room)).toMatchObject({ head: seq, n: seq, read: seq - 1 });
  });

  test('[PEOPLE-2] leaving the lobby does not take it off the list', async () => {
    const person = await enter(one, newUser());
    await person.accepted('leave', { room: 'lobby' });
    expect(await roomsOf(person)).toEqual(['lobby']);
  });

  test('[PEOPLE-14] a join beyond 1,000 memberships is too_large, and others cannot fill a list', async () => {
    const victim = await enter(two, newUser());
    const person = await enter(one, newUser());
    const open = (user: string) => person.accepted('openDirect', { user });
    await Promise.all(Array.from({ length: 999 }, (_, i) => open(`nobody ${count}-${i}`)));
    await person.join(newRoom());
    expect(await person.refusal('join', { room: newRoom() })).toBe('too_large');
    expect(await person.refusal('openDirect', { user: 'one more' })).toBe('too_large');
    expect(await person.refusal('join', { room: 'lobby' })).toBeUndefined();
    expect(await roomsOf(person)).toHaveLength(1_001);
    await person.accepted('leave', {
      room: (await roomsOf(person)).find((room) => room.startsWith('room-'))!,
    });
    await person.join(newRoom());

    const { id } = victim.hello.user;
    const seeded = Array.from({ length: 490 }, (_, i) => [`room-${i}`, '']);
    const client = await redisClient(redis);
    await client.hSet(
      `${keyPrefix}{user:${key(id)}}:rooms`,
      Object.fromEntries(seeded) as Record<string, string>,
    );
    const strangers = await Promise.all(Array.from({ length: 20 }, () => enter(one, newUser())));
    await Promise.all(strangers.map((each) => each.accepted('openDirect', { user: id })));
    await eventually(async () => expect(await roomsOf(victim)).toHaveLength(501));
    await victim.join(newRoom());
  });
});

describe('markRead', () => {
  test('[PEOPLE-3] answers the furthest position and the messages after it', async () => {
    const me = newUser();
    const room = newRoom();
    const [here, there] = [await enter(one, me), await enter(two, me)];
    await gather(room, here, there);
    const { epoch } = await here.sayAll(room, 10);
    await there.reaches(room, 10);
    const mark = (person: Person, seq: number) => person.accepted('markRead', { room, epoch, seq });
    expect(await mark(here, 4)).toStrictEqual({ ok: true, room, seq: 4, unread: 6 });
    expect(await mark(there, 7)).toMatchObject({ seq: 7, unread: 3 });
    expect(await mark(here, 5)).toMatchObject({ seq: 7, unread: 3 });
    expect(await mark(here, 99)).toMatchObject({ seq: 10, unread: 0 });
    expect(await mark(there, 0)).toMatchObject({ seq: 10, unread: 0 });
    expect(await rowOf(there, room)).toEqual({ room, head: 10, n: 10, read: 10 });
  });

  test('[PEOPLE-3] what is older than the memory of the server is found too', async () => {
    const person = await enter(one, newUser());
    const room = newRoom();
    await person.join(room);
    const { epoch } = await person.sayAll(room, 1_100);
    await person.reaches(room, 1_100);
    expect(await person.accepted('markRead', { room, epoch, seq: 7 })).toMatchObject({
      seq: 7,
      unread: 1_093,
    });
    await person.accepted('detach', { room });
    expect(await person.accepted('markRead', { room, epoch, seq: 9 })).toMatchObject({ unread: 1_091 });
  });

  test('[PEOPLE-4] not_a_member where nothing may be read, epoch_changed for another epoch', async () => {
    const person = await enter(one, newUser());
    const room = newRoom();
    expect(await person.refusal('markRead', { room, epoch: 'x', seq: 0 })).toBe('not_a_member');
    const { epoch } = await person.join(room);
    expect(await person.refusal('markRead', { room, epoch: 'x', seq: 0 })).toBe('epoch_changed');
    expect(await person.accepted('markRead', { room, epoch: epoch!, seq: 0 })).toMatchObject({ unread: 0 });
    await person.accepted('leave', { room });
    expect(await person.refusal('markRead', { room, epoch, seq: 0 })).toBe('not_a_member');
    for (const wrong of [{}, { room, epoch, seq: -1 }, { room, epoch, seq: 1.5 }, { room, seq: 1 }])
      expect(await person.refusal('markRead', wrong)).toBe('invalid');
  });

  test('[PEOPLE-4] after leaving on another device it is for this connection alone', async () => {
    const me = newUser();
    const room = newRoom();
    const [here, there] = [await enter(one, me), await enter(two, me)];
    await gather(room, here, there);
    const { epoch } = await here.sayAll(room, 5);
    await there.accepted('leave', { room });
    await eventually(async () => expect(await roomsOf(here)).not.toContain(room));
    expect(await here.accepted('markRead', { room, epoch, seq: 3 })).toMatchObject({ seq: 3, unread: 2 });
    expect(await here.accepted('markRead', { room, epoch, seq: 2 })).toMatchObject({ seq: 3, unread: 2 });
    expect(await roomsOf(there)).not.toContain(room);
  });

  test('[PEOPLE-5] a position of an epoch that is over counts as nothing read, and is replaced', async () => {
    const person = await enter(one, newUser());
    const room = newRoom();
    await person.join(room);
    const old = await person.sayAll(room, 5);
    await person.accepted('markRead', { room, ...old });
    const client = await redisClient(redis);
    await client.del(['meta', 'log', 'ids'].map((part) => `${keyPrefix}{${room}}:${part}`));
    const { epoch } = await person.accepted('history', { room });
    expect(epoch).not.toBe(old.epoch);
    await person.say(room, 'new 1');
    await person.say(room, 'new 2');
    // The server puts back what it lately knew.
    await eventually(async () => expect(await rowOf(person, room)).toMatchObject({ head: 7, n: 7, read: 0 }));
    expect(await person.refusal('markRead', { room, ...old })).toBe('epoch_changed');
    expect(await person.accepted('markRead', { room, epoch, seq: 6 })).toMatchObject({ seq: 6, unread: 1 });
    expect(await rowOf(person, room)).toMatchObject({ read: 6 });
  });

  test('[PEOPLE-6] a position before what the log keeps has the n before the first kept', async () => {
    const settings = { keyPrefix: uniquePrefix(), keepEntries: 10, idWindowMinutes: 0 };
    const [writer, reader] = await startServers(redis, 2, settings);
    const room = newRoom();
    const ann = await enter(writer!, newUser());
    await ann.join(room);
    let epoch = '';
    for (let i = 1; i <= 30; i++) ({ epoch } = await ann.say(room, `text ${i}`));
    const ben = await enter(reader!, newUser());
    await ben.join(room);
    expect(await ben.accepted('markRead', { room, epoch, seq: 3 })).toMatchObject({ seq: 3, unread: 10 });
    expect(await ben.accepted('markRead', { room, epoch, seq: 25 })).toMatchObject({ seq: 25, unread: 5 });
  });

  test('[PEOPLE-7] read goes to the other connections of the user, on all servers, and to nobody else', async () => {
    const me = newUser();
    const room = newRoom();
    const [here, near, far] = [await enter(one, me), await enter(one, me), await enter(two, me)];
    const stranger = await enter(two, newUser());
    await gather(room, here, stranger);
    const { epoch } = await here.sayAll(room, 3);
    const told = [here, near, far, stranger].map(readsOf);
    await here.accepted('markRead', { room, epoch, seq: 2 });
    const read = { room, epoch, seq: 2, unread: 1 };
    await eventually(() => expect(told).toEqual([[], [read], [read], []]));
    await here.accepted('markRead', { room, epoch, seq: 3 });
    await eventually(() => expect(told.map(({ length }) => length)).toEqual([0, 2, 2, 0]));
  });

  test('[PEOPLE-8] hello tells what is read in each of its rooms', async () => {
    const me = newUser();
    const room = newRoom();
    const first = await enter(one, me);
    await first.join(room);
    const { epoch } = await first.sayAll(room, 5);
    const lobby = await first.say('lobby', 'hi');
    await first.accepted('markRead', { room, epoch, seq: 3 });
    await first.accepted('markRead', { room: 'lobby', epoch: lobby.epoch, seq: lobby.seq });
    const rooms = { [room]: { epoch, seq: 5 } };
    const again = await enter(two, { auth: { ...(me.auth as object), rooms } });
    const read = Object.fromEntries(again.hello.rooms.map((row) => [row.room, row.read]));
    expect(read).toEqual({ lobby: again.hello.rooms.find((row) => row.room === 'lobby')!.n, [room]: 3 });
  });
});

test('[CONN-3] rooms and openDirect before hello are held until it has come', async () => {
  const socket = connect(one.url, newUser());
  const order: string[] = [];
  socket.on('hello', () => order.push('hello'));
  socket.emit('openDirect', { user: 'guest:early' }, () => order.push('openDirect'));
  socket.emit('rooms', {}, (answer) => order.push(`rooms ${answer.ok && answer.rooms.length}`));
  await eventually(() => expect(order).toEqual(['hello', 'openDirect', 'rooms 2']));
});

test('[PEOPLE-9] of an unnamed guest nothing is kept; rooms and positions are those of the connection', async () => {
  const settings = { keyPrefix: uniquePrefix() };
  const [server] = await startServers(redis, 1, settings);
  const guest = await enter(server!);
  const again = await enter(server!, { auth: { token: guest.hello.token } });
  const [room, detached] = [newRoom(), newRoom()];
  await gather(room, guest);
  await gather(detached, guest);
  const { epoch } = await guest.sayAll(room, 4);
  await guest.accepted('detach', { room: detached });
  expect(await guest.accepted('markRead', { room, epoch, seq: 3 })).toMatchObject({ seq: 3, unread: 1 });
  expect(await guest.accepted('markRead', { room, epoch, seq: 1 })).toMatchObject({ seq: 3, unread: 1 });
  expect((await roomsOf(guest)).sort()).toEqual(['lobby', room, detached].sort());
  expect(await rowOf(guest, room)).toEqual({ room, head: 4, n: 4, read: 3 });
  expect(await roomsOf(again)).toEqual(['lobby']);
  expect(again.hello.rooms[0]).not.toHaveProperty('read');
  await guest.accepted('leave', { room });
  expect((await roomsOf(guest)).sort()).toEqual(['lobby', detached].sort());
  const client = await redisClient(redis);
  expect((await client.keys(`${settings.keyPrefix}*user*`)).length).toBe(0);
});

describe('openDirect', () => {
  test('[PEOPLE-10] both get the same room and are members, and nobody is joined', async () => {
    const [ann, ben] = [await enter(one, named('José')), await enter(two, newUser())];
    const { room } = await ben.accepted('openDirect', { user: 'guest:Jose\u0301' });
    expect(room).toBe(['dm', ...[key('guest:José'), key(ben.hello.user.id)].sort()].join(':'));
    expect(await ann.accepted('openDirect', { user: ben.hello.user.id })).toStrictEqual({ ok: true, room });
    expect(await ben.refusal('sendMessage', { room, text: 'x' })).toBe('not_a_member');
    for (const person of [ann, ben]) expect(await roomsOf(person)).toContain(room);
    await gather(room, ann, ben);
    await ben.say(room, 'psst');
    await ann.hears(room, 'psst');
    const eve = await enter(one, newUser());
    expect(await eve.refusal('join', { room })).toBe('forbidden');
    for (const wrong of [{}, { user: '' }, { user: 'x'.repeat(257) }, { user: 1 }])
      expect(await eve.refusal('openDirect', wrong)).toBe('invalid');
  });

  test('[PEOPLE-10] [PEOPLE-11] the other one gets activity for it', async () => {
    const [ann, ben] = [await enter(one, newUser()), await enter(two, newUser())];
    const { room } = await ann.accepted('openDirect', { user: ben.hello.user.id });
    const told = activityOf(ben, room);
    await ann.join(room);
    await ann.say(room, 'are you there?');
    await eventually(() => expect(told).toEqual([{ room, head: 1, n: 1 }]));
  });
});

describe('activity', () => {
  test('[PEOPLE-11] goes to members who have not joined, on all servers, own sends included', async () => {
    const [me, other] = [newUser(), newUser()];
    const room = newRoom();
    const [writer, desk, phone] = [await enter(one, me), await enter(one, me), await enter(two, me)];
    const [member, stranger] = [await enter(two, other), await enter(two, newUser())];
    await gather(room, writer, member);
    await member.accepted('detach', { room });
    const told = [writer, desk, phone, member, stranger].map((person) => activityOf(person, room));
    await eventually(async () => {
      for (const person of [desk, phone, member]) expect(await roomsOf(person)).toContain(room);
    });
    await writer.say(room, 'hi');
    const row = { room, head: 1, n: 1 };
    await eventually(() => expect(told).toEqual([[], [row], [row], [row], []]));
    await phone.join(room);
    await member.accepted('leave', { room });
    await eventually(async () => expect(await roomsOf(await enter(one, other))).not.toContain(room));
    await writer.say(room, 'again');
    await eventually(() => expect(told[1]!.at(-1)).toEqual({ room, head: 2, n: 2 }));
    expect(told.map(({ length }) => length)).toEqual([0, 2, 1, 1, 0]);
  });

  test('[PEOPLE-11] comes at most once a second, from however many servers, and ends at the head', async () => {
    const me = newUser();
    const room = newRoom();
    const [reader, ann, ben] = [
      await enter(one, me),
      await enter(one, newUser()),
      await enter(two, newUser()),
    ];
    await gather(room, reader, ann, ben);
    await reader.accepted('detach', { room });
    const times: number[] = [];
    reader.socket.on('activity', (each) => each.room === room && times.push(performance.now()));
    const told = activityOf(reader, room);
    for (const start = performance.now(); performance.now() - start < 3_500;)
      await Promise.all([ann.say(room, 'busy'), ben.say(room, 'busy')]);
    const { seq } = await ann.say(room, 'the last');
    await eventually(() => expect(told.at(-1)).toEqual({ room, head: seq, n: seq }));
    const gaps = times.slice(1).map((time, i) => time - times[i]!);
    expect(Math.min(...gaps)).toBeGreaterThan(900);
    expect(times.length).toBeGreaterThan(2);
  }, 30_000);

  test('[PEOPLE-11] the lobby is everybody’s: who has detached it is told', async () => {
    const [person, writer] = [await enter(two, newUser()), await enter(one, newUser())];
    await person.accepted('detach', { room: 'lobby' });
    const told = activityOf(person, 'lobby');
    const { seq } = await writer.say('lobby', 'anybody here?');
    await eventually(() => expect(told.at(-1)).toMatchObject({ head: seq }));
  });
});

test('[PEOPLE-13] without Redis they are unavailable; memberships of that time are kept afterwards', async () => {
  const own = await startRedis();
  const servers = await startServers(own, 2);
  const me = newUser();
  const person = await enter(servers[0]!, me);
  const [known, left, fresh] = [newRoom(), newRoom(), newRoom()];
  await gather(known, person);
  await gather(left, person);
  const { epoch, seq } = await person.say(known, 'hi');
  await eventually(async () => expect(await roomsOf(await enter(servers[1]!, me))).toContain(left));
  await own.kill();
  expect((await person.join(fresh)).reason).toBe('degraded');
  await person.accepted('leave', { room: left });
  expect(await person.refusal('markRead', { room: known, epoch, seq })).toBe('unavailable');
  expect(await person.refusal('rooms', {})).toBe('unavailable');
  const { room } = await person.accepted('openDirect', { user: 'guest:somebody' });
  const start = performance.now();
  const late = await enter(servers[1]!, me);
  expect(performance.now() - start).toBeLessThan(2_000);
  expect(late.hello.rooms[0]).not.toHaveProperty('read');
  await own.start();
  await eventually(async () => {
    expect((await roomsOf(late)).sort()).toEqual(['lobby', known, fresh, room].sort());
  }, 20_000);
  const told = activityOf(late, known);
  await eventually(() => person.say(known, 'back', 'back'));
  await eventually(() => expect(told.at(-1)).toMatchObject({ n: 2 }));
}, 60_000);
