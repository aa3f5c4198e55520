import type { LoadedSettings } from '../config/load-settings';
import { readSecrets } from '../config/secrets';
import { settingsTable } from '../config/settings';
import { refusedJoin } from './join-refusal';

/**
 * What is typed on another machine to join this fleet, in any shell. It holds a password, which goes by a pipe: everybody
 * there can read the arguments of a program. Throws FleetError.
 */
export function invitation({ settings }: LoadedSettings): string {
  const { redisUrl, redisBind, redisPort, keyPrefix, varDir } = settings;
  if (redisUrl === '' && redisBind === '')
    throw refusedJoin(
      'The Redis of this fleet listens on loopback alone, so no other machine can join.',
      'REDIS_BIND=<address of this machine> in fleet.env, npm stop, npm start; then again',
    );
  const host = redisBind.includes(':') ? `[${redisBind}]` : redisBind;
  const own = `redis://:${readSecrets(varDir).redisPassword}@${host}:${redisPort}`;
  const prefix = keyPrefix === settingsTable.keyPrefix.default ? '' : `KEY_PREFIX='${keyPrefix}' `;
  return `printf %s '${redisUrl === '' ? own : redisUrl}' | ${prefix}npx fleet join --redis -`;
}
