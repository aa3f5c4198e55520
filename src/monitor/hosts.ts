import { canBeJoined, isJoined } from '../config/machines';
import type { Settings } from '../config/settings';
import { openRedis } from '../fleet/ask-redis';
import type { PlannedServer } from '../fleet/plan';
import { Announcer } from './announcer';
import { HostWatch } from './host-watch';
import { UpstreamWatch } from './upstreams';

/** Three rounds without an answer, and the reload, take less than 15 s. */
const ROUND_MS = 3_000;

/** What the monitor looks at again and again beside the record: on a joined host another thing than beside nginx. */
export function watchHosts(settings: Settings, planned: () => PlannedServer[]): void {
  const watch = isJoined(settings)
    ? new Announcer(settings, openRedis(settings, 'fleet-hosts'))
    : new UpstreamWatch(
        settings.varDir,
        planned,
        canBeJoined(settings) ? new HostWatch(settings, openRedis(settings, 'fleet-hosts')) : undefined,
      );
  void again(() => watch.look());
}

async function again(look: () => Promise<void>): Promise<void> {
  const start = Date.now();
  await look();
  setTimeout(() => void again(look), Math.max(0, ROUND_MS - (Date.now() - start)));
}
