import { randomBytes } from 'node:crypto';
import type { Settings } from '../config/settings';
import { adapterClients } from '../redis/adapter-clients';
import { RedisConnection } from '../redis/connection';
import { Heartbeat } from '../redis/heartbeat';
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
  commands: RedisConnection;
  adapter: ReturnType<typeof adapterClients>;
  close(): void;
}

/** Opens one connection for commands and one for subscriptions. Does not wait for Redis, and never throws. */
export function openStore({ serverName, redisUrl, settings, report }: StoreOptions): Store {
  const connect = (role: string): RedisConnection => {
    let last = '';
    const onError = (error: Error): void => {
      if (error.message !== last) report(`redis (${role})`, error); // an outage is one line, not one a retry
      last = error.message;
    };
    const { redisDeadlineMs: deadlineMs } = settings;
    const connection = new RedisConnection({
      url: redisUrl,
      name: `${serverName}:${role}`,
      deadlineMs,
      onError,
    });
    connection.onReady(() => (last = ''));
    return connection;
  };
  const commands = connect('commands');
  const subscriber = connect('subscriber');
  // The process is part of the name, so that nobody takes the beat of a predecessor for its own.
  const channel = `${settings.keyPrefix}beat:${serverName}:${randomBytes(6).toString('hex')}`;
  const heartbeat = new Heartbeat(commands, subscriber, channel, () => log.recover());
  const { keyPrefix, keepEntries, keepDays, idWindowMinutes } = settings;
  const retention = { keepEntries, keepMs: keepDays * 86_400_000, idWindowMs: idWindowMinutes * 60_000 };
  const log = new RedisRoomLog({ commands, subscriber, heartbeat, keyPrefix, retention, report });
  const janitor = new Janitor({ commands, keyPrefix, idWindowMs: retention.idWindowMs, report });
  const available = (): boolean => log.available();
  const presence = new RedisPresence({ commands, serverName, keyPrefix, available });
  const memberships = new RedisMemberships(commands, keyPrefix);
  const bans = new BanList({ commands, keyPrefix });
  const close = (): void => {
    janitor.stop();
    bans.stop();
    memberships.close();
    heartbeat.stop();
    log.close();
    commands.close();
    subscriber.close();
  };
  return { log, presence, memberships, bans, commands, adapter: adapterClients(commands, subscriber), close };
}
