import { createClient } from 'redis';
import { Janitor } from '../../src/server/roomlog/janitor';
import { RedisRoomLog } from '../../src/server/roomlog/redis';
import type { EntryBody } from '../../src/protocol/entries';
import { onCleanup } from '../support/cleanup';
import { openRedis } from '../support/open-redis';
import { startRedis } from '../support/redis';

const keyPrefix = 'janitor:';
const HOUR = 3_600_000;

const bodies = (at: number, count: number): EntryBody[] =>
  Array.from({ length: count }, (_, i) => {
    return { id: `${at}-${i}`, kind: 'message', from: { id: 'u', name: 'u' }, at, text: 'x'.repeat(2_000) };
  });

async function setUp(idWindowMs: number) {
  const redis = await startRedis();
  const onError = (): void => undefined;
  const opened = await openRedis(redis.url);
  const admin = createClient({ url: redis.url });
  await admin.connect();
  onCleanup(() => admin.destroy());
  const retention = { keepEntries: 10_000, keepMs: 1_000 * HOUR, idWindowMs };
  const log = new RedisRoomLog({
    redis: opened,
    name: 'test',
    keyPrefix,
    retention,
    report: onError,
  });
  onCleanup(() => log.close());
  const janitor = new Janitor({ redis: opened, keyPrefix, idWindowMs, report: onError });
  onCleanup(() => janitor.stop());
  const fill = async (percent: number): Promise<void> => {
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))![1]);
    await admin.configSet('maxmemory', String(Math.round((used * 100) / percent)));
  };
  return { log, janitor, fill };
}

test('[LOG-20] above 75 % of the memory limit the oldest entries of all rooms go first', async () => {
  const { log, janitor, fill } = await setUp(0);
  const now = Date.now();
  await log.append('young', bodies(now - HOUR, 300));
  for (let i = 0; i < 5; i++) await log.append('old', bodies(now - 2 * HOUR - i, 300));
  await fill(70);
  expect(await janitor.sweep()).toBe(0);
  await fill(80);
  expect(await janitor.sweep()).toBe(1_000);
  expect((await log.readAfter('old', 0, 1)).first).toBe(1_001);
  expect((await log.readAfter('young', 0, 1)).first).toBe(1);
});

test('[LOG-20] nothing younger than the id window is trimmed, however full Redis is', async () => {
  const { log, janitor, fill } = await setUp(2 * HOUR);
  await log.append('room', bodies(Date.now() - HOUR, 300));
  await fill(99);
  expect(await janitor.sweep()).toBe(0);
  expect((await log.readAfter('room', 0, 1)).first).toBe(1);
});
