import { parseEnvFile } from '../config/load-settings';
import { settingsTable, type SettingName } from '../config/settings';
import type { FleetError } from './errors';
import { refusedJoin } from './join-refusal';
import type { Shared } from './registry';
import { sharedNames } from './shared';

/** What is typed on the machine that joins. */
export interface JoinRequest {
  /** Address of the fleet's Redis. */
  redis: string;
  /** Of this machine; if missing, the one from which it reaches that Redis. */
  address?: string;
  servers?: number;
}

const HEAD =
  '# By `fleet join`: settings of the fleet that this machine is a host of. Add its own ones (BASE_PORT, OPS_PORT ...) below.';
const envOf = (name: SettingName): string => settingsTable[name].env;

/** Pure: fleet.env of a host. Throws FleetError when there is one that says something else. */
export function envText(
  old: string | undefined,
  { redis, servers }: JoinRequest,
  address: string,
  shared: Shared,
): string {
  const before = parseEnvFile(old ?? '');
  const own = { [envOf('redisUrl')]: redis, [envOf('serverHost')]: address };
  const wanted: Record<string, string> = { ...own, ...shared.settings };
  const joinedBefore = Object.entries(own).every(([name, value]) => before[name] === value);
  const other = Object.keys(wanted).find(
    (name) => before[name] !== undefined && before[name] !== wanted[name],
  );
  if (!joinedBefore && other !== undefined) throw otherEnv(other);
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !sharedEnv.has(name)));
  const all = {
    ...wanted,
    ...kept,
    ...own,
    ...(servers !== undefined && { [envOf('servers')]: `${servers}` }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
  return `${HEAD}\n${lines.join('')}`;
}

const sharedEnv = new Set(sharedNames.map(envOf));

function otherEnv(name: string): FleetError {
  return refusedJoin(
    `There is a fleet.env that says something else in ${name}.`,
    'move fleet.env away, or correct it; then join again',
  );
}
