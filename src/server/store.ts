import { randomBytes } from 'node:crypto';
import type { Settings } from '../config/settings';
import { adapterClients } from '../redis/adapter-clients';
import { RedisConnection } from '../redis/connection';
import { Redis } from '../redis/redis';
import type { Report } from './flow/types';
import { RedisPresence } from './presence/redis';
import type { PresenceStore } from './presence/types';
import { BanList } from './people/bans';
import { RedisMemberships } from './people/redis';
import { Janitor } from './roomlog/janitor';
import type { Memberships } from './people/types';
import { RedisRoomLog } from './roomlog/redis';
import type { RoomLog } from './roomlog/types';

export interface StoreOptions {
  serverName: string;
  redisUrl: string;
  settings: Settings;
  report: Report;
}

/** What a server needs of Redis: each seam's store, and the two clients of Socket.IO's adapter. */
export interface Store {
  log: RoomLog;
  presence: PresenceStore;
  memberships: Memberships;
  bans: BanList;
  redis: Redis;
  adapter: ReturnType<typeof adapterClients>;
  close(): void;
}

/** Opens one connection for commands and one for subscriptions to each Redis. Does not wait for it, and never throws. */
export function openStore({ serverName, redisUrl, settings, report }: StoreOptions): Store {
  const connect = (url: string, role: string): RedisConnection => {
    let last = '';
    const onError = (error: Error): void => {
      if (error.message !== last) report(`redis (${role})`, error); // an outage is one line, not one a retry
      last = error.message;
    };
    const { redisDeadlineMs: deadlineMs } = settings;
    const connection = new RedisConnection({
      url,
      name: `${serverName}:${role}`,
      deadlineMs,
      onError,
    });
    connection.onReady(() => (last = ''));
    return connection;
  };
  const redis = new Redis(redisUrl, connect);
  const { keyPrefix, keepEntries, keepDays, idWindowMinutes } = settings;
  const retention = { keepEntries, keepMs: keepDays * 86_400_000, idWindowMs: idWindowMinutes * 60_000 };
  // The process is part of the name, so that nobody takes the beat of a predecessor for its own.
  const name = `${serverName}:${randomBytes(6).toString('hex')}`;
  const log = new RedisRoomLog({ redis, name, keyPrefix, retention, report });
  const janitor = new Janitor({ redis, keyPrefix, idWindowMs: retention.idWindowMs, report });
  const available = (room: string): boolean => log.available(room);
  const presence = new RedisPresence({ commands: redis, serverName, keyPrefix, available });
  const memberships = new RedisMemberships(redis, keyPrefix);
  const bans = new BanList({ redis, keyPrefix });
  const close = (): void => {
    janitor.stop();
    bans.stop();
    memberships.close();
    log.close();
    redis.close();
  };
  const adapter = adapterClients(redis, `${keyPrefix}adapter`);
  return { log, presence, memberships, bans, redis, adapter, close };
}
