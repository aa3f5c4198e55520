import { createServer } from 'node:net';
import { codes } from '../../src/protocol/codes';
import { callNames } from '../../src/protocol/stats';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startOps, type TestOps } from '../support/ops';
import { enter, named, refusedConnection } from '../support/person';
import { freePortRun } from '../support/port-run';
import { startRedis, type TestRedis } from '../support/redis';
import { startServer, uniquePrefix, type TestServer } from '../support/server';

let redis: TestRedis;
let server: TestServer;
let ops: TestOps;
let frozen: string;
let dead: string;

/** A server, one whose process is there but silent, and one without a process. */
beforeAll(async () => {
  redis = await startRedis();
  const keyPrefix = uniquePrefix();
  const basePort = await freePortRun(3);
  const start = { name: `chat-${basePort}`, port: basePort, redisUrl: redis.url };
  server = await startServer({ ...start, settings: { keyPrefix } });
  [frozen, dead] = [`chat-${basePort + 1}`, `chat-${basePort + 2}`];
  const silent = createServer().listen(basePort + 1, '127.0.0.1');
  onCleanup(() => silent.close());
  ops = await startOps({ redis, keyPrefix, basePort, servers: 3 });
});

/** Figures by name and labels, as they are written. */
function figuresOf(text: string): Record<string, number> {
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    rows.map((row) => [row.slice(0, row.lastIndexOf(' ')), Number(row.slice(row.lastIndexOf(' ') + 1))]),
  );
}

const figures = async () => figuresOf(await ops.metrics());

test('[OPS-1] /metrics has the figures of every server in the format of Prometheus', async () => {
  const response = await fetch(`${ops.url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  const families = [...text.matchAll(/^# HELP (\S+) \S.*\n# TYPE (\S+) (counter|gauge)\n((?:\1.*\n)*)/gm)];
  expect(families.map(([block]) => block).join('')).toBe(text);
  for (const [, name, typed, type, samples] of families) {
    expect(name).toBe(typed);
    expect(name).toMatch(/^chat(_[a-z0-9]+)+$/);
    expect(name).not.toMatch(/_(ms|micros|mb|percent)(_|$)/);
    expect(name!.endsWith('_total')).toBe(type === 'counter');
    for (const sample of samples!.trim().split('\n'))
      expect(sample).toMatch(/^\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?\d+(\.\d+)?(e[+-]?\d+)?$|^$/);
  }
  const labels = (name: string) => [...new Set([...text.matchAll(RegExp(`${name}="([^"]*)"`, 'g'))].map(([, value]) => value))]; // prettier-ignore
  expect(labels('event')).toEqual(callNames);
  expect(labels('code')).toEqual(Object.keys(codes));
  expect(labels('server')).toEqual([server.name, frozen, dead]);
});

test('[OPS-1] they are what the clients did, and say what was refused by its code', async () => {
  const ann = await enter(server, named('ann'));
  for (const id of ['1', '2', '3']) await ann.say('lobby', id, id);
  await ann.refusal('sendMessage', { room: 'elsewhere', text: 'x' });
  await ann.refusal('nonsense' as never, {} as never);
  expect(await refusedConnection(server.url, named(''))).toMatchObject({ code: 'invalid' });
  await eventually(async () => {
    const of = `{server="${server.name}"`;
    expect(await figures()).toMatchObject({
      [`chat_up${of}}`]: 1,
      [`chat_state${of},state="ok"}`]: 1,
      [`chat_state${of},state="degraded"}`]: 0,
      [`chat_connections${of}}`]: 1,
      [`chat_connects_total${of}}`]: 1,
      [`chat_calls_total${of},event="sendMessage"}`]: 4,
      [`chat_calls_total${of},event="unknown"}`]: 1,
      [`chat_deliveries_total${of}}`]: 3,
      [`chat_refused_total${of},code="not_a_member"}`]: 1,
      [`chat_refused_total${of},code="unknown_event"}`]: 1,
      [`chat_refused_total${of},code="invalid"}`]: 1,
      [`chat_refused_total${of},code="overloaded"}`]: 0,
      [`chat_start_time_seconds${of}}`]: server.stats().startedAt / 1_000,
      chat_redis_up: 1,
    });
  });
  const { [`chat_memory_bytes{server="${server.name}"}`]: memory, chat_redis_memory_bytes: used } =
    await figures();
  expect(memory).toBeGreaterThan(2e7);
  expect(used).toBeGreaterThan(1e5);
});

test('[OPS-2] a frozen server and a dead one are chat_up 0; of the frozen one CPU and memory show', async () => {
  const seen = await figures();
  for (const name of [frozen, dead]) {
    expect(seen[`chat_up{server="${name}"}`]).toBe(0);
    expect(seen[`chat_state{server="${name}",state="no answer"}`]).toBe(1);
    expect(seen).not.toHaveProperty([`chat_connections{server="${name}"}`]);
  }
  expect(seen[`chat_cpu_seconds_total{server="${frozen}"}`]).toBeGreaterThan(0);
  expect(seen).not.toHaveProperty([`chat_cpu_seconds_total{server="${dead}"}`]);
  const { servers } = await ops.json<{ servers: { state: string }[] }>('/ops/live');
  expect(servers.map(({ state }) => state)).toEqual(['ok', 'no answer', 'down']);
});

test('[OPS-2] a frozen or dead Redis is chat_redis_up 0, holds up no answer, and is seen again when it is back', async () => {
  const answersAtOnce = async (path: string): Promise<void> => {
    const { status } = await fetch(ops.url + path, {
      headers: { authorization: `Bearer ${ops.token}` },
      signal: AbortSignal.timeout(8_000),
    });
    expect([path, status]).toEqual([path, 200]);
  };
  const isUp = (up: number) =>
    eventually(async () => expect((await figures())['chat_redis_up']).toBe(up), 20_000);
  redis.freeze();
  try {
    await isUp(0);
    for (const path of [
      '/metrics',
      '/ops/live',
      '/ops/history?range=week',
      '/ops/verdict?range=week&lang=en',
    ])
      await answersAtOnce(path);
  } finally {
    redis.thaw();
  }
  await isUp(1);
  await redis.kill();
  await isUp(0);
  expect(await ops.metrics()).toContain('# TYPE chat_redis_memory_bytes gauge\n# HELP');
  await redis.start();
  await isUp(1);
});
