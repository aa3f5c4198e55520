import { readSettings } from '../config/load';
import { readSecrets } from '../config/secrets';
import type { Operator } from '../fleet/ask-server';
import { exitCodes, noPlan } from '../fleet/errors';
import { bans, kick, unban, type Ban } from '../fleet/kick';
import { readHosts, serversOfHosts } from '../fleet/hosts';
import { serversOf } from '../fleet/plan';
import { readPlan } from '../fleet/prepare';
import { localIso } from '../monitor/local-time';
import { print, printJson } from './output';

interface KickOptions {
  for?: number;
  forever?: boolean;
  json?: boolean;
}

/** Ends all connections of a user; with `--for` or `--forever` he cannot come back meanwhile. */
export async function kickUser(user: string, options: KickOptions): Promise<number> {
  const result = await kick(operator(), user, options.forever ? 0 : options.for);
  const { ended, everywhere, until, problems } = result;
  if (options.json) printJson({ schema: 'fleet.kick/1', ...result });
  else {
    const banned = until === undefined ? '' : ` Banned ${untilText(until)}.`;
    print(`${ended} ${ended === 1 ? 'connection' : 'connections'} of ${user} ended.${banned}`);
    if (ended === 0 && !user.startsWith('guest:')) print('Ids of guests begin with guest:, as in guest:Ann.');
    if (!everywhere)
      print(`Not on every server:\n${problems.join('\n')}\nNext: npx fleet status, then kick again.`);
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

/** Throws FleetError where no fleet was ever started, and makes no secrets there. */
function operator(): Operator {
  const { varDir } = readSettings().settings;
  const plan = readPlan(varDir);
  if (!plan) throw noPlan('nobody can be kicked or banned, and nobody is');
  const servers = [...serversOf(plan), ...serversOfHosts(readHosts(varDir)).servers];
  return { servers, secret: readSecrets(varDir).operatorSecret };
}

const untilText = (until: number): string => (until === 0 ? 'for ever' : `until ${localIso(until)}`);
