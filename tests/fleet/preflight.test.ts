import { createClient } from 'redis';
import { redisProblems } from '../../src/redis/preflight';
import { onCleanup } from '../support/cleanup';
import { startRedis, type TestRedis } from '../support/redis';

let good: TestRedis;

beforeAll(async () => {
  good = await startRedis();
});

test('[FLEET-12] a Redis that can carry the fleet has no failing point, and is left as it was', async () => {
  expect(await redisProblems(good.url, 'chat:')).toEqual([]);
  const client = createClient({ url: good.url });
  onCleanup(() => client.destroy());
  await client.connect();
  expect(await client.dbSize()).toBe(0);
});

test('[FLEET-13] every failing point of a foreign Redis is named', async () => {
  const weak = await startRedis('--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru');
  expect(await redisProblems(weak.url, 'chat:')).toEqual([
    expect.stringContaining('maxmemory-policy is allkeys-lru'),
    expect.stringContaining('appendonly is no'),
  ]);
});

test('[FLEET-14] missing rights for keys, scripts and channels are named', async () => {
  const admin = createClient({ url: good.url });
  onCleanup(() => admin.destroy());
  await admin.connect();
  const url = good.url.replace('redis://', 'redis://chat:pw@');
  const allow = (...rules: string[]) =>
    admin.sendCommand(['ACL', 'SETUSER', 'chat', 'reset', 'on', '>pw', ...rules]);
  await allow('+@all', '-eval', '~chat:*', '&chat:*');
  expect(await redisProblems(url, 'chat:')).toEqual([expect.stringContaining('scripts')]);
  await allow('+@all', '~chat:*');
  expect(await redisProblems(url, 'chat:')).toEqual([
    expect.stringContaining('sharded channels'),
    expect.stringContaining('channels'),
  ]);
  await allow('+@all', '~other:*', '&*');
  expect(await redisProblems(url, 'chat:')).toEqual([expect.stringContaining('scripts')]);
  await allow('+@all', '~chat:*', '&chat:*');
  expect(await redisProblems(url, 'chat:')).toEqual([]);
});

test('[FLEET-15] a Redis that is not there, or does not know the password, is said to be so', async () => {
  expect(await redisProblems('redis://127.0.0.1:1', 'chat:')).toEqual([
    expect.stringContaining('ECONNREFUSED'),
  ]);
  const wrong = good.url.replace('redis://', 'redis://nobody:wrong@');
  expect(await redisProblems(wrong, 'chat:')).toEqual([expect.stringContaining('WRONGPASS')]);
});
