import { eventually } from '../support/eventually';
import { bodies, openMuteLog } from '../support/open-log';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient } from '../support/redis-client';
import { uniquePrefix, type TestServer } from '../support/server';
import { roomKeys } from '../../src/server/roomlog/keys';

/** A room whose keys in Redis are damaged: every script for it fails. */
let redis: TestRedis;
let server: TestServer;
let ann: Person;
let broken: string;
const keyPrefix = uniquePrefix();

beforeAll(async () => {
  redis = await startRedis();
  [server] = (await startServers(redis, 1, { keyPrefix })) as [TestServer];
  ann = await enter(server, named('Ann'));
  broken = newRoom();
  await gather(broken, ann);
  await ann.say(broken, 'text 1');
  const [, , ids] = roomKeys(keyPrefix, broken);
  await (await redisClient(redis)).set(ids, 'damaged');
});

test('[REDIS-11] a room whose log is damaged holds up no other: what is sent to those is committed', async () => {
  const room = newRoom();
  await gather(room, ann);
  expect(await ann.accepted('sendMessage', { room: broken, text: 'text 2' })).toMatchObject({
    status: 'queued',
  });
  const ending = performance.now() + 2_000;
  const statuses = new Set<string>();
  while (performance.now() < ending)
    statuses.add((await ann.accepted('sendMessage', { room, text: 'text' })).status);
  expect([...statuses]).toEqual(['committed']);
  expect(server.stats().state).toBe('ok');
});

test('[REDIS-11] nor does it hide what got lost on its way to another room', async () => {
  const [room, odd] = [newRoom(), newRoom()];
  await gather(room, ann);
  await gather(odd, ann);
  await ann.say(odd, 'text');
  const [meta] = roomKeys(keyPrefix, odd);
  await (await redisClient(redis)).set(meta, 'damaged');
  const mute = await openMuteLog(redis, keyPrefix);
  const [lost] = bodies(1, 'lost');
  await mute.append(room, [lost!]);
  await eventually(() => expect(ann.texts(room)).toContain(lost!.text), 5_000);
});

test('[REDIS-11] nor does it after Redis has come back', async () => {
  await redis.kill();
  await redis.start();
  await eventually(() => expect(server.stats().state).toBe('ok'), 10_000);
  const room = newRoom();
  await gather(room, ann);
  await ann.say(room, 'text');
  await ann.hears(room, 'text');
});
