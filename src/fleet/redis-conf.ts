import type { Secrets } from '../config/secrets';
import { LOOPBACK } from '../config/machines';
import type { Settings } from '../config/settings';

/**
 * Pure: configuration of the fleet's own Redis. It holds the password, so its file must be mode 0600.
 * everysec: with always a full disk would end Redis, and every command wait for the disk (docs/decisions/0015).
 * noeviction: evicting would silently drop logs and dedupe keys; a full Redis must refuse instead.
 * No RDB snapshots: the append-only file is the record, and each snapshot would fork for nothing.
 */
export function renderRedisConf(settings: Settings, secrets: Secrets, dir: string): string {
  const lines = [
    `bind ${[LOOPBACK, settings.redisBind].filter(Boolean).join(' ')}`,
    'protected-mode yes',
    `port ${settings.redisPort}`,
    `requirepass ${secrets.redisPassword}`,
    `dir "${dir}"`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    `maxmemory ${settings.redisMaxMemoryMb}mb`,
    'maxmemory-policy noeviction',
  ];
  return `${lines.join('\n')}\n`;
}
