import { InvalidArgumentError } from 'commander';
import { readSettings } from '../config/load';
import { readSecrets } from '../config/secrets';
import { exitCodes } from '../fleet/errors';
import { bans, kick, unban, type Ban, type Operator } from '../fleet/kick';
import { serversOf } from '../fleet/plan';
import { nextPlan, readPlan } from '../fleet/prepare';
import { print, printJson } from './output';

interface KickOptions {
  for?: number;
  forever?: boolean;
  json?: boolean;
}

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `1h` or `7d` in ms. */
export function timeSpan(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new InvalidArgumentError('A time such as 90s, 15m, 1h or 7d is needed.');
  return Number(count) * UNITS[unit]!;
}

/** Ends all connections of a user; with `--for` or `--forever` he cannot come back meanwhile. */
export async function kickUser(user: string, options: KickOptions): Promise<number> {
  const result = await kick(operator(), user, options.forever ? 0 : options.for);
  const { ended, everywhere, until } = result;
  if (options.json) printJson({ schema: 'fleet.kick/1', ...result });
  else {
    const banned = until === undefined ? '' : ` Banned ${untilText(until)}.`;
    print(`${ended} ${ended === 1 ? 'connection' : 'connections'} of ${user} ended.${banned}`);
    if (!everywhere) print('Not every server has answered. Next: npx fleet status, then kick again.');
  }
  return everywhere ? exitCodes.ok : exitCodes.unhealthy;
}

/** Lets a banned user in again. */
export async function unbanUser(user: string, { json }: { json?: boolean }): Promise<number> {
  const result = await unban(operator(), user);
  if (json) printJson({ schema: 'fleet.unban/1', ...result });
  else print(result.wasBanned ? `${user} may connect again.` : `${user} was not banned.`);
  return exitCodes.ok;
}

/** Shows who is banned. */
export async function showBans({ json }: { json?: boolean }): Promise<number> {
  const result = await bans(operator());
  const line = ({ user, until }: Ban): string => `${user}  ${untilText(until)}`;
  if (json) printJson({ schema: 'fleet.bans/1', ...result });
  else print(result.bans.length === 0 ? 'Nobody is banned.' : result.bans.map(line).join('\n'));
  return exitCodes.ok;
}

function operator(): Operator {
  const loaded = readSettings();
  const { varDir } = loaded.settings;
  const servers = serversOf(readPlan(varDir) ?? nextPlan(loaded));
  return { servers, secret: readSecrets(varDir).operatorSecret };
}

const untilText = (until: number): string =>
  until === 0 ? 'for ever' : `until ${new Date(until).toISOString()}`;
