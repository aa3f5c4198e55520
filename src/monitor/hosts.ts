import { redisUrlOf } from '../config/redis-url';
import { readSecrets } from '../config/secrets';
import { canBeJoined, isJoined, type Settings } from '../config/settings';
import type { PlannedServer } from '../fleet/plan';
import { RedisConnection } from '../redis/connection';
import { Redis } from '../redis/redis';
import { Announcer } from './announcer';
import { HostWatch } from './host-watch';
import { UpstreamWatch } from './upstreams';

/** Three rounds without an answer, and the reload, take less than 15 s. */
const ROUND_MS = 3_000;

/** What the monitor looks at again and again beside the record: on a joined host another thing than beside nginx. */
export function watchHosts(settings: Settings, planned: () => PlannedServer[]): void {
  const watch = isJoined(settings)
    ? new Announcer(settings, redisOf(settings))
    : new UpstreamWatch(
        settings.varDir,
        planned,
        canBeJoined(settings) ? new HostWatch(settings, redisOf(settings)) : undefined,
      );
  void again(() => watch.look());
}

async function again(look: () => Promise<void>): Promise<void> {
  const start = Date.now();
  await look();
  setTimeout(() => void again(look), Math.max(0, ROUND_MS - (Date.now() - start)));
}

/** A command that fails says why; so the connection need not. */
function redisOf(settings: Settings): Redis {
  const { redisDeadlineMs: deadlineMs, varDir } = settings;
  const onError = (): void => undefined;
  const connect = (url: string): RedisConnection =>
    new RedisConnection({ url, name: 'fleet-hosts', deadlineMs, onError });
  return new Redis(redisUrlOf(settings, readSecrets(varDir)), connect);
}
