import type { Socket } from 'socket.io-client';
import { eventually } from '../support/eventually';
import { enter, named, refusedConnection, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import { connect, operatorSecret, startServer, uniquePrefix, type TestServer } from '../support/server';
import { startProxy } from '../support/tcp-proxy';

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

const newName = (): string => `user ${++count}`;

async function operate(server: TestServer, what: string, body?: object, headers: object = {}) {
  const response = await fetch(`${server.url}/operator/${what}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      Authorization: `Bearer ${operatorSecret}`,
      ...(body && { 'Content-Type': 'application/json' }),
      ...headers,
    },
  });
  return { status: response.status, body: (await response.json().catch(() => ({}))) as object };
}

/** A stock client that comes back by itself where it may, and what it was told at its end. */
async function stubborn(server: TestServer, options: object) {
  const person = await enter(server, { reconnection: true, reconnectionDelay: 10, ...options });
  const told: string[] = [];
  person.socket.on('bye', ({ code, message }) => told.push(`bye ${code} ${typeof message}`));
  person.socket.on('disconnect', (reason) => told.push(reason));
  return { person, told };
}

const ENDED = ['bye kicked string', 'io server disconnect'];

async function expectStillThere(people: Person[]): Promise<void> {
  await Promise.all(people.map((person) => person.accepted('rooms', {})));
}

test.each([[['polling']], [['websocket']], [['polling', 'websocket']]])(
  '[KICK-1] [KICK-2] over %s a kick ends all connections on every server for good',
  async (transports) => {
    const name = newName();
    const user = `guest:${name}`;
    const options = { ...named(name), transports };
    const others = [await enter(one, named(newName())), await enter(two, named(newName()))];
    const kicked = await Promise.all([one, one, two].map((server) => stubborn(server, options)));
    const answer = await operate(one, 'kick', { user });
    expect(answer).toEqual({ status: 200, body: { user, ended: 3, everywhere: true } });
    await eventually(() => expect(kicked.map(({ told }) => told)).toEqual([ENDED, ENDED, ENDED]));
    await expectStillThere(others);
    // A stock client is active as long as it means to come back.
    expect(kicked.map((each) => each.person.socket.active)).toEqual([false, false, false]);
    const { person } = kicked[0]!;
    person.socket.connect();
    await eventually(() => expect(person.socket.connected).toBe(true));
    await person.accepted('rooms', {});
  },
);

test('[KICK-1] an unnamed guest is kicked by his id; nobody there is nobody ended', async () => {
  const { person, told } = await stubborn(two, {});
  const { id } = person.hello.user;
  expect((await operate(one, 'kick', { user: id })).body).toMatchObject({ ended: 1 });
  await eventually(() => expect(told).toEqual(ENDED));
  expect((await operate(one, 'kick', { user: id })).body).toMatchObject({ ended: 0, everywhere: true });
});

test('[KICK-3] a banned user is refused as kicked on every server, and let in when the ban is over', async () => {
  const [name, other] = [newName(), newName()];
  const user = `guest:${name}`;
  const { told } = await stubborn(two, named(name));
  const { body } = await operate(one, 'kick', { user, banMs: 2_000 });
  expect(body).toMatchObject({ user, ended: 1, everywhere: true });
  await eventually(() => expect(told).toEqual(ENDED));
  for (const server of [one, two])
    await eventually(async () => {
      expect(await refusedConnection(server.url, named(name))).toMatchObject({ code: 'kicked' });
    }, 1_000);
  const stock = connect(two.url, { ...named(name), reconnection: true, reconnectionDelay: 10 });
  await new Promise((refused) => stock.once('connect_error', refused));
  expect((stock as unknown as Socket).active).toBe(false);
  expect((await operate(two, 'bans')).body).toMatchObject({ bans: [{ user }] });
  await enter(one, named(other));
  await eventually(() => enter(one, named(name)), 5_000);
  await enter(two, named(name));
  expect((await operate(two, 'bans')).body).toEqual({ bans: [] });
});

test('[KICK-3] a ban for ever is taken back by unban', async () => {
  const name = newName();
  const user = `guest:${name}`;
  expect((await operate(one, 'kick', { user, banMs: 0 })).body).toMatchObject({ until: 0 });
  await eventually(async () => {
    expect(await refusedConnection(two.url, named(name))).toMatchObject({ code: 'kicked' });
  });
  expect((await operate(one, 'bans')).body).toEqual({ bans: [{ user, until: 0 }] });
  expect((await operate(two, 'unban', { user })).body).toEqual({ user, wasBanned: true });
  for (const server of [one, two]) await eventually(() => enter(server, named(name)));
  expect((await operate(two, 'unban', { user })).body).toEqual({ user, wasBanned: false });
});

test.concurrent('[KICK-4] a server that missed the call ends them all the same within 15 s', async () => {
  const name = newName();
  const { told } = await stubborn(two, named(name));
  await client.hSet(`${keyPrefix}bans`, `guest:${name}`, '0'); // nobody is told
  await eventually(() => expect(told).toEqual(ENDED), 15_000);
  expect(await refusedConnection(two.url, named(name))).toMatchObject({ code: 'kicked' });
});

test('[KICK-5] only who knows the secret, and does not come through a proxy, can kick', async () => {
  const person = await enter(one, named(newName()));
  const { id: user } = person.hello.user;
  const status = async (headers: object): Promise<number[]> => [
    (await operate(one, 'kick', { user }, headers)).status,
    (await operate(one, 'unban', { user }, headers)).status,
    (await operate(one, 'bans', undefined, headers)).status,
  ];
  for (const Authorization of ['', 'Bearer ', 'Bearer wrong', operatorSecret, `Bearer ${operatorSecret}x`])
    expect(await status({ Authorization })).toEqual([401, 401, 401]);
  expect(await status({ 'X-Forwarded-For': '127.0.0.1' })).toEqual([404, 404, 404]);
  for (const body of [{}, { user: '' }, { user, banMs: -1 }, { user: 'x'.repeat(257) }, []])
    expect((await operate(one, 'kick', body)).status).toBe(400);
  await expectStillThere([person]);
});

test.concurrent(
  '[KICK-6] without Redis a kick ends those of the server and says so, bans hold, and nothing waits',
  async () => {
    const own = await startRedis();
    const [a, b] = (await startServers(own, 2)) as [TestServer, TestServer];
    const banned = newName();
    await operate(a, 'kick', { user: `guest:${banned}`, banMs: 0 });
    await eventually(async () => {
      expect(await refusedConnection(b.url, named(banned))).toMatchObject({ code: 'kicked' });
    });
    const name = newName();
    const [near, far] = [await stubborn(a, named(name)), await stubborn(b, named(name))];
    await own.kill();
    const user = `guest:${name}`;
    expect((await operate(a, 'kick', { user })).body).toEqual({ user, ended: 1, everywhere: false });
    await eventually(() => expect(near.told).toEqual(ENDED));
    expect(far.told).toEqual([]);
    expect((await operate(b, 'kick', { user })).body).toMatchObject({ ended: 1, everywhere: false });
    await eventually(() => expect(far.told).toEqual(ENDED));
    expect((await operate(a, 'kick', { user, banMs: 0 })).status).toBe(503);
    expect((await operate(a, 'bans')).status).toBe(503);
    for (const server of [a, b])
      expect(await refusedConnection(server.url, named(banned))).toMatchObject({ code: 'kicked' });
    await enter(a, named(name));
    await own.start();
    await eventually(async () => expect((await operate(b, 'bans')).status).toBe(200));
  },
  60_000,
);

test.concurrent(
  '[KICK-8] a kick before hello ends the connection for good, and hello stays the first event',
  async () => {
    const proxy = await startProxy(redis.port);
    const server = await startServer({ redisUrl: proxy.url, settings: { keyPrefix: uniquePrefix() } });
    await eventually(() => expect(server.stats().state).toBe('ok'));
    proxy.slowDown(300); // and hello with it
    const name = newName();
    const socket = connect(server.url, { ...named(name), transports: ['websocket'], reconnection: true });
    const told: string[] = [];
    (socket as unknown as Socket).onAny((event: string) => told.push(event));
    socket.on('disconnect', (reason) => told.push(reason));
    await new Promise<void>((done) => socket.once('connect', () => done()));
    await operate(server, 'kick', { user: `guest:${name}` });
    await eventually(() => expect(told).toEqual(['io server disconnect']));
    expect((socket as unknown as Socket).active).toBe(false);
  },
);
