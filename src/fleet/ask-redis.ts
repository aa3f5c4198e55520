import { redisUrlOf } from '../config/redis-url';
import { readSecrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import { until } from './probe';
import { RedisAway } from '../redis/away';
import { RedisConnection } from '../redis/connection';

const CONNECT_WITHIN_MS = 2_000;

/**
 * Asks the fleet's Redis over a connection of its own, by this name (CLIENT LIST), which is closed then. Rejects with
 * RedisAway, and with what Redis, or the way to it, says.
 */
export async function askRedis<T>(
  settings: Settings,
  name: string,
  ask: (connection: RedisConnection) => Promise<T>,
): Promise<T> {
  let problem = `not within ${CONNECT_WITHIN_MS / 1_000} s`;
  const { redisUrl, redisDeadlineMs: deadlineMs, varDir } = settings;
  const connection = new RedisConnection({
    url: redisUrl === '' ? redisUrlOf(settings, readSecrets(varDir)) : redisUrl,
    name,
    deadlineMs,
    onError: ({ message }) => (problem = message || problem),
  });
  try {
    if (await until(() => Promise.resolve(connection.ready), CONNECT_WITHIN_MS)) return await ask(connection);
    throw new RedisAway(problem);
  } finally {
    connection.close();
  }
}
