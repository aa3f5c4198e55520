import { createClient } from 'redis';
import { onCleanup } from './cleanup';
import type { TestRedis } from './redis';

/** Says things to Redis that no server of ours would. */
export async function redisClient(redis: Pick<TestRedis, 'url'>) {
  const client = createClient({ url: redis.url, socket: { reconnectStrategy: 50 } });
  client.on('error', () => undefined);
  await client.connect();
  onCleanup(() => client.destroy());
  return client;
}

export type RedisClient = Awaited<ReturnType<typeof redisClient>>;
