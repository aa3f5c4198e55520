import { RedisConnection } from '../../src/redis/connection';
import { RedisRoomLog, type Retention } from '../../src/server/roomlog/redis';
import type { MessageBody } from '../../src/protocol/entries';
import { onCleanup } from './cleanup';
import { eventually } from './eventually';
import type { TestRedis } from './redis';

export const DAY_MS = 86_400_000;
export const roomy: Retention = { keepEntries: 1_000_000, keepMs: 30 * DAY_MS, idWindowMs: 15 * 60_000 };

/** The room logs of a Redis, without a server in between. */
export async function openLog(redis: TestRedis, keyPrefix: string, retention = roomy): Promise<RedisRoomLog> {
  const connect = async (role: string): Promise<RedisConnection> => {
    const options = { url: redis.url, name: `test:${role}`, deadlineMs: 5_000, onError: () => undefined };
    const connection = new RedisConnection(options);
    onCleanup(() => connection.close());
    await eventually(() => expect(connection.ready).toBe(true));
    return connection;
  };
  const [commands, subscriber] = [await connect('commands'), await connect('subscriber')];
  const report = (): void => undefined;
  const log = new RedisRoomLog({
    commands,
    subscriber,
    heartbeat: { alive: true },
    keyPrefix,
    retention,
    report,
  });
  onCleanup(() => log.close());
  return log;
}

/** The same, but no server hears of what is appended through it: as if each publication had got lost. */
export async function openMuteLog(
  redis: TestRedis,
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
