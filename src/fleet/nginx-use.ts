import type { Settings } from '../config/settings';
import { FleetError } from './errors';
import { hostText } from './hosts';
import { isNginxAlive, nginxFiles, renderHere } from './nginx';
import { doorsIn, doorsOf } from './nginx-render';
import type { Plan } from './plan';
import { isJoinedPlan, readRegistration, registrationOf } from './registration';
import { readText } from './text-file';

/** Where a configuration leads, whether somebody answers there or not. */
const ROUTE = /^\s*((?:upstream|server) [^\s;]+)/gm;

const routesOf = (conf: string): string => `${[...conf.matchAll(ROUTE)].map(([, line]) => line!)}`;

/** Pure: whether two configurations lead to the same servers. */
export const sameRoutes = (a: string, b: string): boolean => routesOf(a) === routesOf(b);

/** Whether nginx leads to the servers of the plan, or is told to: a change that was killed may not have come so far. */
export function leadsTo(plan: Plan, settings: Settings): boolean {
  const { varDir } = settings;
  if (!isJoinedPlan(plan)) return sameRoutes(confInUse(varDir), renderHere(plan, settings));
  const told = readRegistration(varDir);
  return told !== undefined && hostText(told) === hostText(registrationOf(plan));
}

/** A setting with which nginx runs, and what it is here. */
interface OtherDoor {
  name: string;
  inUse: string;
  here: string;
}

/** Pure: in what these settings would have nginx be reached otherwise than by this configuration. */
export function otherDoors(conf: string, settings: Settings): OtherDoor[] {
  const inUse = doorsIn(conf);
  return Object.entries(doorsOf(settings)).flatMap(([name, here]) =>
    inUse?.[name] === undefined || inUse[name] === here ? [] : [{ name, inUse: inUse[name], here }],
  );
}

/**
 * Throws FleetError when the running nginx is reached otherwise than the settings say: they were given to the command that
 * started it, and one typed without them would take the chat off the net. `counts`: of which settings that matters.
 */
export function requireSameDoors(settings: Settings, counts: (name: string) => boolean = () => true): void {
  const { varDir } = settings;
  if (!isNginxAlive(nginxFiles(varDir))) return;
  const others = otherDoors(confInUse(varDir), settings).filter(({ name }) => counts(name));
  if (others.length === 0) return;
  const lines = others.map(({ name, inUse, here }) => `${name} is ${shown(inUse)}, here ${shown(here)}`);
  throw new FleetError(
    'precondition',
    `nginx runs with other settings than this command knows.\n${lines.join('\n')}`,
    'Nothing was changed, the fleet goes on.',
    'put them into fleet.env, where each command finds them; to change nginx to them: npx fleet nginx reload',
  );
}

const shown = (value: string): string => (value === '' ? 'empty' : value);
const confInUse = (varDir: string): string => readText(nginxFiles(varDir).conf) ?? '';
