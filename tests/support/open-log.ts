import { RedisRoomLog, type Retention } from '../../src/server/roomlog/redis';
import type { MessageBody } from '../../src/protocol/entries';
import { onCleanup } from './cleanup';
import { eventually } from './eventually';
import { openRedis } from './open-redis';
import type { TestRedis } from './redis';

let count = 0;

export const DAY_MS = 86_400_000;
export const roomy: Retention = { keepEntries: 1_000_000, keepMs: 30 * DAY_MS, idWindowMs: 15 * 60_000 };

/** The room logs of a Redis, without a server in between. */
export async function openLog(
  redis: Pick<TestRedis, 'url'>,
  keyPrefix: string,
  retention = roomy,
): Promise<RedisRoomLog> {
  const report = (): void => undefined;
  const opened = await openRedis(redis.url, 5_000);
  const log = new RedisRoomLog({ redis: opened, name: `test:${++count}`, keyPrefix, retention, report });
  onCleanup(() => log.close());
  await eventually(() => expect(log.available()).toBe(true));
  return log;
}

/** The same, but no server hears of what is appended through it: as if each publication had got lost. */
export async function openMuteLog(
  redis: Pick<TestRedis, 'url'>,
  keyPrefix: string,
  retention = roomy,
): Promise<RedisRoomLog> {
  const log = await openLog(redis, keyPrefix, retention);
  if (!('channel' in log)) throw new Error('RedisRoomLog names its channels in another way now');
  return Object.assign(log, { channel: () => 'nobody listens here' });
}

/** Bodies `${prefix} 1` to `${prefix} ${count}` of somebody called Dan. */
export function bodies(count: number, prefix = 'unheard', at = Date.now()): MessageBody[] {
  const from = { id: 'guest:Dan', name: 'Dan' };
  return Array.from({ length: count }, (_, i) => {
    const text = `${prefix} ${i + 1}`;
    return { id: text, kind: 'message', from, at, text };
  });
}
