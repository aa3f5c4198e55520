import { createClient } from 'redis';
import { redisProblems } from '../../src/redis/preflight';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { redisClient } from '../support/redis-client';
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

describe('[CLUSTER-9] of a Redis Cluster', () => {
  /** One node that has all slots, named twice. */
  async function startNode(...slots: string[]) {
    const node = await startRedis('--cluster-enabled', 'yes');
    const admin = await redisClient(node);
    await admin.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', ...slots]);
    await eventually(async () => expect(String(await admin.sendCommand(['CLUSTER', 'INFO']))).toContain('cluster_state:ok')); // prettier-ignore
    await admin.configSet('cluster-require-full-coverage', 'no');
    return { admin, url: `${node.url},127.0.0.1:${node.port}`, address: `:${node.port}` };
  }

  test('one that can carry the fleet has no failing point, and is left as it was', async () => {
    const { admin, url } = await startNode('0', '16383');
    expect(await redisProblems(url, 'chat:')).toEqual([]);
    expect(await redisProblems(url.replace('redis://', 'redis://127.0.0.1:1,'), 'chat:')).toEqual([]);
    expect(await admin.dbSize()).toBe(0);
  });

  test('every failing point is named, with the master that has it', async () => {
    const { admin, url, address } = await startNode('0', '16383');
    await admin.configSet('cluster-require-full-coverage', 'yes');
    await admin.configSet('maxmemory-policy', 'allkeys-lru');
    await admin.configSet('appendonly', 'no');
    const problems = await redisProblems(url, 'chat:');
    for (const problem of problems) expect(problem).toContain(`${address}: `);
    expect(problems).toEqual([
      expect.stringContaining('maxmemory-policy is allkeys-lru'),
      expect.stringContaining('appendonly is no'),
      expect.stringContaining('cluster-require-full-coverage is yes'),
    ]);
    await admin.sendCommand(['CLUSTER', 'DELSLOTS', '7']);
    await admin.sendCommand(['CLUSTER', 'DELSLOTS', '9']);
    expect(await redisProblems(url, 'chat:')).toContain('2 of its slots have no master');
  });

  test('one node of it, no node that answers, and braces in KEY_PREFIX are named', async () => {
    const { url } = await startNode('0', '16383');
    const [node] = url.split(',');
    expect(await redisProblems(node!, 'chat:')).toEqual([
      expect.stringContaining('a node of a Redis Cluster'),
    ]);
    expect(await redisProblems('redis://127.0.0.1:1,127.0.0.1:2', 'chat:')).toEqual([
      expect.stringContaining('ECONNREFUSED'),
    ]);
    expect(await redisProblems(url, 'chat{1}:')).toEqual([expect.stringContaining('braces')]);
    expect(await redisProblems(`${good.url},127.0.0.1:1`, 'chat:')).not.toEqual([]);
  });
});
