import { attend, counts } from '../support/attendance';
import { eventually } from '../support/eventually';
import { newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import { startServer, type TestServer } from '../support/server';
import { startProxy } from '../support/tcp-proxy';

const keyPrefix = 'test:';
let redis: TestRedis;
let client: RedisClient;
let one: TestServer;
let two: TestServer;
let room: string;

beforeAll(async () => {
  redis = await startRedis();
  client = await redisClient(redis);
  [one, two] = (await startServers(redis, 2, { keyPrefix })) as [TestServer, TestServer];
});

beforeEach(() => void (room = newRoom()));

const present = async (person: Person) => {
  const { members, partial } = await person.accepted('members', { room });
  return { names: members.map(({ name }) => name), partial };
};

const state = (server: TestServer, wanted: string): Promise<void> =>
  eventually(() => expect(server.stats().state).toBe(wanted));

test('[PRES-8] [PRES-11] the members of a server that is gone without goodbye are gone within 15 s, its keys too', async () => {
  // Cut off from Redis at a stroke, a server is dead to the others; its clients are in this process.
  const proxy = await startProxy(redis.port);
  const three = await startServer({ redisUrl: proxy.url, settings: { keyPrefix } });
  await state(three, 'ok');
  const [ann, annTold] = await attend(one, room, 'Ann');
  const [ben, benTold] = await attend(two, room, 'Ben');
  for (const name of ['Cleo', 'Dan']) await attend(three, room, name);
  await counts(4, annTold, benTold);
  proxy.cut();
  const start = performance.now();
  await eventually(() => {
    for (const told of [annTold, benTold]) expect(told.left.sort()).toEqual(['Cleo', 'Dan']);
  }, 15_000);
  expect(performance.now() - start).toBeLessThan(15_000);
  for (const person of [ann, ben])
    expect(await present(person)).toEqual({ names: ['Ann', 'Ben'], partial: undefined });
  const keys = await client.keys(`${keyPrefix}{${room}}:present*`);
  expect(keys).toHaveLength(3);
  for (const key of keys) expect(await client.pTTL(key)).toBeGreaterThan(0);
  expect(await client.pTTL(`${keyPrefix}presence:leases`)).toBeGreaterThan(0);
});

test('[PRES-9] without Redis each server tells of its own, and afterwards all is whole; nobody left who had not', async () => {
  const [ann, annTold] = await attend(one, room, 'Ann');
  const [ben, benTold] = await attend(two, room, 'Ben');
  await counts(2, annTold, benTold);
  await redis.kill();
  await Promise.all([state(one, 'degraded'), state(two, 'degraded')]);
  expect(await present(ann)).toEqual({ names: ['Ann'], partial: true });
  expect(await present(ben)).toEqual({ names: ['Ben'], partial: true });
  // On top of what is known of the other server.
  const [cleo] = await attend(one, room, 'Cleo');
  const [dan] = await attend(one, room, 'Dan');
  await counts(4, annTold);
  dan.end();
  await counts(3, annTold);
  expect(benTold.count).toBe(2);
  await redis.start();
  await Promise.all([state(one, 'ok'), state(two, 'ok')]);
  await counts(3, annTold, benTold);
  for (const person of [ann, ben, cleo])
    await eventually(async () =>
      expect(await present(person)).toEqual({ names: ['Ann', 'Ben', 'Cleo'], partial: undefined }),
    );
  const [, eve] = await attend(two, room, 'Eve');
  await counts(4, annTold, benTold, eve);
  expect([annTold.left, benTold.left]).toEqual([['Dan'], []]);
  expect(benTold.joined.sort()).toEqual(['Ben', 'Cleo', 'Eve']);
});

test('[PRES-9] a Redis that has forgotten everything is told everything again, and nobody is said to have left', async () => {
  const [ann, annTold] = await attend(one, room, 'Ann');
  const [ben, benTold] = await attend(two, room, 'Ben');
  await counts(2, annTold, benTold);
  await client.flushAll();
  const stored = (): Promise<string[]> => client.keys(`${keyPrefix}{${room}}:present:*`);
  await eventually(async () => expect(await stored()).toHaveLength(2), 15_000);
  for (const person of [ann, ben])
    await eventually(async () => expect((await present(person)).names).toEqual(['Ann', 'Ben']));
  expect([annTold.left, benTold.left]).toEqual([[], []]);
});
