import type { Commands } from '../redis/shard';
import { hourKey, hoursBetween, serverOf, whatOf, type Totals } from './hours';

/** What servers together counted in one hour. */
export interface HourUsage {
  /** Start of the hour, ms since 1970. */
  hour: number;
  totals: Totals;
}

const AT_ONCE = 24;

/**
 * The usage of all hours that have a part between two times, those without any too: of the servers that are asked for.
 * Rejects with RedisAway.
 */
export async function readUsage(
  commands: Commands,
  keyPrefix: string,
  from: number,
  to: number,
  isWanted: (server: string) => boolean = () => true,
): Promise<HourUsage[]> {
  const hours = hoursBetween(from, to);
  const read: HourUsage[] = [];
  for (let i = 0; i < hours.length; i += AT_ONCE) {
    const some = hours.slice(i, i + AT_ONCE).map(async (hour) => {
      const key = hourKey(keyPrefix, hour);
      const fields = await commands.run(key, (client) => client.hGetAll(key));
      return { hour, totals: summed(fields, isWanted) };
    });
    read.push(...(await Promise.all(some)));
  }
  return read;
}

/** Pure: the sums over these servers and their stretches. */
function summed(fields: Record<string, string>, isWanted: (server: string) => boolean): Totals {
  const totals: Totals = {};
  for (const [field, total] of Object.entries(fields)) {
    if (!isWanted(serverOf(field))) continue;
    const what = whatOf(field);
    totals[what] = (totals[what] ?? 0) + Number(total);
  }
  return totals;
}
