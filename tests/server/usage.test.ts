import { Crowd } from '../../src/load/crowd';
import type { Transport } from '../../src/load/client';
import type { Journal } from '../../src/load/journal';
import type { Redis } from '../../src/redis/redis';
import { HOUR_MS, hourKey, hourOf, KEEP_MS, type Totals } from '../../src/usage/hours';
import { readUsage } from '../../src/usage/reader';
import { UsageWriter } from '../../src/usage/writer';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { openRedis } from '../support/open-redis';
import { ask } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import { connected, startServer, uniquePrefix, type TestServer } from '../support/server';

const transports: Transport[] = ['polling', 'websocket', 'upgrade'];
const SENT_PER_SECOND = 100;

let redis: TestRedis;
let client: RedisClient;
let opened: Redis;
let keyPrefix: string;

beforeAll(async () => {
  redis = await startRedis();
  client = await redisClient(redis);
  opened = await openRedis(redis.url);
});

beforeEach(() => (keyPrefix = uniquePrefix()));

/** All that is counted in Redis for the last hours. */
async function counted(from = Date.now() - HOUR_MS, to = Date.now() + HOUR_MS): Promise<Totals> {
  const sums: Totals = {};
  for (const { totals } of await readUsage(opened, keyPrefix, from, to))
    for (const [what, total] of Object.entries(totals)) sums[what] = (sums[what] ?? 0) + total;
  return sums;
}

const startThree = (): Promise<TestServer[]> =>
  Promise.all([1, 2, 3].map(() => startServer({ redisUrl: redis.url, settings: { keyPrefix } })));

async function crowdOn(servers: TestServer[]): Promise<Crowd> {
  const urls = servers.map((server) => server.url);
  const crowd = new Crowd({ urls, clients: 18, transports, rooms: (i) => ['tea', `corner-${i % 3}`] });
  onCleanup(() => crowd.close());
  await crowd.connectAll();
  return crowd;
}

const talk = (crowd: Crowd, forMs: number): Promise<void> => {
  const rooms = ['lobby', 'tea', 'corner-0', 'corner-1', 'corner-2'];
  return crowd.sendSteadily({ ratePerSecond: SENT_PER_SECOND, forMs, rooms });
};

const sum = (journals: Journal[], count: (journal: Journal) => number): number =>
  journals.reduce((total, journal) => total + count(journal), 0);

/** What the clients themselves know: how often they sent and connected, and the entries that came as `messages`. */
function known({ journals }: Crowd): Totals {
  return {
    'calls.sendMessage': sum(journals, ({ sends }) =>
      sends.reduce((attempts, send) => attempts + send.attempts.length, 0),
    ),
    deliveries: sum(journals, ({ events }) =>
      events.reduce((entries, event) => entries + ('entries' in event ? event.entries.length : 0), 0),
    ),
    connects: sum(journals, ({ events }) => events.filter(({ type }) => type === 'hello').length),
  };
}

test('[USAGE-1] [USAGE-3] what all servers counted is what the clients sent and received, also of one that stopped', async () => {
  const servers = await startThree();
  const crowd = await crowdOn(servers);
  await talk(crowd, 2_000);
  await crowd.settle();
  await servers[0]!.stop(); // within the second: its last counts are not written yet
  const afterStop = known(crowd);
  expect(afterStop['calls.sendMessage']).toBe(2 * SENT_PER_SECOND);
  expect(afterStop['deliveries']).toBeGreaterThan(2 * SENT_PER_SECOND);
  await eventually(async () => expect(await counted()).toMatchObject(known(crowd)));
});

test('[USAGE-2] they are still equal after Redis was killed during the run', async () => {
  const servers = await startThree();
  const crowd = await crowdOn(servers);
  const run = talk(crowd, 6_000);
  await eventually(() => expect(known(crowd)['calls.sendMessage']).toBeGreaterThan(100));
  await redis.kill();
  const atDeath = known(crowd)['calls.sendMessage']!;
  await eventually(() => expect(known(crowd)['calls.sendMessage']).toBeGreaterThan(atDeath + 150));
  await redis.start();
  await run;
  await crowd.settle(20_000);
  await eventually(async () => expect(await counted()).toMatchObject(known(crowd)));
  const attempts = crowd.journals.flatMap(({ sends }) => sends.flatMap((send) => send.attempts));
  expect(attempts.some(({ answer }) => answer?.ok && answer.status === 'queued')).toBe(true);
});

test('[USAGE-4] calls are counted by the names that are known, and all others as one', async () => {
  const server = await startServer({ redisUrl: redis.url, settings: { keyPrefix } });
  await eventually(() => expect(server.stats().state).toBe('ok'));
  const { socket } = await connected(server.url);
  for (const event of ['dance', '__proto__', 'dance:all']) await ask(socket, event, {});
  await ask(socket, 'join', { room: 'tea' });
  await ask(socket, 'join', { rooms: 'wrong' });
  const totals = { connects: 1, 'calls.unknown': 3, 'calls.join': 2 };
  await eventually(async () => expect(await counted()).toStrictEqual(totals));
  expect(server.stats().calls).toBe(5);
});

describe('the writer', () => {
  const noon = Date.UTC(2026, 10, 22, 12);
  let now: number;
  let totals: Totals;

  const writer = (server = 'chat-1'): UsageWriter => {
    const report = (): void => undefined;
    const options = { redis: opened, keyPrefix, server, totals: () => totals, report, clock: () => now };
    const usage = new UsageWriter(options);
    onCleanup(() => usage.stop());
    return usage;
  };
  const at = async (hour: number): Promise<number> => (await counted(hour, hour + 1))['deliveries'] ?? 0;

  beforeEach(() => {
    now = noon + 100;
    totals = { deliveries: 0 };
  });

  test('[USAGE-5] counts go to the hour (UTC) in which they were counted', async () => {
    const usage = writer();
    totals = { deliveries: 7 };
    await usage.write();
    now = noon + HOUR_MS + 100; // a second that began before the full hour belongs to it
    totals = { deliveries: 10 };
    await usage.write();
    totals = { deliveries: 30 };
    await usage.write();
    expect([await at(noon), await at(noon + HOUR_MS)]).toEqual([10, 20]);
    expect(Object.keys(await client.hGetAll(hourKey(keyPrefix, noon)))).toHaveLength(1);
  });

  test('[USAGE-6] writing again doubles nothing, and an older write that comes late takes nothing back', async () => {
    const usage = writer();
    totals = { deliveries: 7 };
    for (let i = 0; i < 3; i++) await usage.write();
    const [field] = Object.keys(await client.hGetAll(hourKey(keyPrefix, noon)));
    // As if a second connection had been faster: what is known already is higher.
    await client.hSet(hourKey(keyPrefix, noon), field!, 20);
    totals = { deliveries: 9 };
    await usage.write();
    expect(await at(noon)).toBe(20);
    totals = { deliveries: 21 };
    await usage.write();
    expect(await at(noon)).toBe(21);
  });

  test('[USAGE-6] a server that starts anew in the same hour adds its counts', async () => {
    totals = { deliveries: 5 };
    await writer().write();
    await writer().write();
    expect(await at(noon)).toBe(10);
  });

  test('[USAGE-7] a clock that is set back, or forth, loses and doubles nothing', async () => {
    const usage = writer();
    let total = 0;
    for (const hours of [0, 1, 2, 0, 3, 1, 900, 0, 1, 2, 3, 4, 5, 6, 0]) {
      now = noon + hours * HOUR_MS;
      await usage.write();
      totals = { deliveries: (total += 10) };
      await usage.write();
    }
    const sums = await Promise.all([0, 1, 2, 3, 4, 5, 6, 900].map((hours) => at(noon + hours * HOUR_MS)));
    expect(sums).toEqual([40, 30, 20, 20, 10, 10, 10, 10]);
  });

  test('[USAGE-2] a Redis that comes back empty gets the last hours again', async () => {
    const usage = writer();
    totals = { deliveries: 7 };
    await usage.write();
    now = noon + HOUR_MS;
    await usage.write();
    totals = { deliveries: 8 };
    await usage.write();
    await client.del([hourKey(keyPrefix, noon), hourKey(keyPrefix, noon + HOUR_MS)]);
    await redis.kill();
    totals = { deliveries: 9 };
    await usage.write(); // nobody takes it
    await redis.start();
    await eventually(async () => {
      await usage.write();
      expect([await at(noon), await at(noon + HOUR_MS)]).toEqual([7, 2]);
    });
  });

  test('[USAGE-3] writes the rest when it is stopped', async () => {
    const usage = writer();
    totals = { deliveries: 7 };
    await usage.stop();
    expect(await at(noon)).toBe(7);
  });

  test('[USAGE-8] the counts of an hour are kept for 90 days', async () => {
    const usage = writer();
    totals = { deliveries: 7 };
    await usage.write();
    const left = await client.pTTL(hourKey(keyPrefix, hourOf(now)));
    expect(left).toBeGreaterThan(90 * 24 * HOUR_MS);
    expect(left).toBeLessThanOrEqual(KEEP_MS);
  });
});
