import type { Secrets } from './secrets';
import type { Settings } from './settings';

/** Where the fleet's Redis is: the one the operator named, or the fleet's own on loopback. Holds a password. */
export function redisUrlOf(settings: Settings, secrets: Secrets): string {
  if (settings.redisUrl !== '') return settings.redisUrl;
  return `redis://:${encodeURIComponent(secrets.redisPassword)}@127.0.0.1:${settings.redisPort}`;
}
