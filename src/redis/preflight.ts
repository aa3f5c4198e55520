import { createClient } from 'redis';
import { factWords } from './fact-words';

const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Looks whether a Redis that somebody else runs can carry the fleet. Returns each failing point in words;
 * an empty list means that all is well. Leaves nothing behind in that Redis.
 */
export async function redisProblems(url: string, keyPrefix: string): Promise<string[]> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
  });
  client.on('error', () => undefined); // the same error comes out of connect() or of the command
  try {
    await client.connect();
    const facts = parseInfo(await client.info());
    const key = `${keyPrefix}preflight`;
    return [
      ...factProblems(facts),
      ...(await attempt('scripts that write keys', () =>
        client.eval("redis.call('set', KEYS[1], 1) return redis.call('del', KEYS[1])", { keys: [key] }),
      )),
      ...(await attempt('sharded channels', () => client.sPublish(key, ''))),
      ...(await attempt('channels', () => client.publish(key, ''))),
    ];
  } catch (error) {
    return [`no connection: ${(error as Error).message || 'refused'}`];
  } finally {
    client.destroy();
  }
}

/** Pure: what is wrong with a Redis by its own INFO. */
export function factProblems(facts: Record<string, string>, words = factWords): string[] {
  const { redis_version: version = 'unknown', maxmemory_policy: policy = 'unknown' } = facts;
  return [
    Number.parseInt(version, 10) >= 7 ? '' : words.version(version),
    policy === 'noeviction' ? '' : words.evicts(policy),
    facts.aof_enabled === '1' ? '' : words.keepsNoFile,
    facts.role === 'slave' ? words.replica : '',
  ].filter(Boolean);
}

/** Pure: the `name:value` lines of INFO. */
export function parseInfo(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(/\r?\n/)
      .filter((line) => /^[^#:]+:/.test(line))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

async function attempt(what: string, command: () => Promise<unknown>): Promise<string[]> {
  try {
    await command();
    return [];
  } catch (error) {
    return [`its user may not use ${what}: ${(error as Error).message}`];
  }
}
