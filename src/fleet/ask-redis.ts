import { redisUrlOf } from '../config/redis-url';
import { readSecrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import { until } from './probe';
import { RedisAway } from '../redis/away';
import { RedisConnection } from '../redis/connection';
import { Redis } from '../redis/redis';

const CONNECT_WITHIN_MS = 2_000;

/**
 * Connections of their own to the fleet's Redis, by this name (CLIENT LIST); who opens them closes them. Without `onError`
 * only the commands that fail say why.
 */
export function openRedis(
  settings: Settings,
  name: string,
  onError: (error: Error) => void = () => undefined,
): Redis {
  const { redisUrl, redisDeadlineMs: deadlineMs, varDir } = settings;
  const address = redisUrl === '' ? redisUrlOf(settings, readSecrets(varDir)) : redisUrl; // it may make secrets
  return new Redis(address, (url) => new RedisConnection({ url, name, deadlineMs, onError }));
}

/**
 * Asks the fleet's Redis over connections of its own, by this name (CLIENT LIST), which are closed then. Rejects with
 * RedisAway, and with what Redis, or the way to it, says.
 */
export async function askRedis<T>(
  settings: Settings,
  name: string,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  let problem = `not within ${CONNECT_WITHIN_MS / 1_000} s`;
  const redis = openRedis(settings, name, ({ message }) => (problem = message || problem));
  try {
    if (await until(() => Promise.resolve(redis.ready), CONNECT_WITHIN_MS)) return await ask(redis);
    throw new RedisAway(problem);
  } finally {
    redis.close();
  }
}
