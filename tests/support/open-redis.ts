import { RedisConnection } from '../../src/redis/connection';
import { Redis } from '../../src/redis/redis';
import { onCleanup } from './cleanup';
import { eventually } from './eventually';

/** A Redis, or a cluster, as servers see it, without a server around it. */
export async function openRedis(address: string, deadlineMs = 1_000): Promise<Redis> {
  const onError = (): void => undefined;
  const connect = (url: string, role: string): RedisConnection =>
    new RedisConnection({ url, name: `test:${role}`, deadlineMs, onError });
  const redis = new Redis(address, connect);
  onCleanup(() => redis.close());
  await eventually(() => expect(redis.ready).toBe(true));
  return redis;
}
