import type { LoadedSettings } from '../config/load-settings';
import { readSecrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import { askServer } from './ask-server';
import { FleetError, noPlan } from './errors';
import { nginxFiles, renderHere } from './nginx';
import { serversOf, type Plan, type PlannedServer } from './plan';
import { listApps, oursAmong, removeApps, startApps, type RunningApp } from './pm2';
import { readPlan, writePlan } from './prepare';
import { readStats, until } from './probe';
import { reloadNginx } from './reload';
import { serversReady } from './checks';
import type { Step } from './up';

/** After the time that people got to move, those who stayed are closed one after the other. */
const CLOSED_WITHIN_MS = 5_000;

/** What everything needs that changes a running fleet. */
export interface Change {
  settings: Settings;
  /** What SERVERS asks for, if it asks: a plan that the operator types now is newer than that. */
  asked: Pick<Plan, 'answered'>;
  step: Step;
  stop: AbortSignal;
  /** Time that people get to move to another server. */
  withinMs: number;
}

export function changeOf(
  { settings, sources }: LoadedSettings,
  how: Omit<Change, 'settings' | 'asked'>,
): Change {
  return { settings, asked: sources.servers === 'default' ? {} : { answered: settings.servers }, ...how };
}

/** A fleet that runs, as its plan and PM2 know it. */
export interface RunningFleet {
  plan: Plan;
  apps: RunningApp[];
}

/** Throws FleetError when there is none, or when a server of the plan does not run. */
export async function runningFleet(settings: Settings): Promise<RunningFleet> {
  const plan = readPlan(settings.varDir);
  if (!plan) throw noPlan('there is nothing to change');
  const apps = oursAmong(await listApps(), settings.varDir);
  const missing = serversOf(plan).filter(
    ({ name }) => !apps.some((app) => app.name === name && app.status === 'online'),
  );
  if (missing.length === 0) return { plan, apps };
  const names = missing.map(({ name }) => name).join(', ');
  throw new FleetError('precondition', `Not running: ${names}`, 'Nothing was changed.', 'npx fleet up');
}

/** Starts servers of the plan on disk and waits until they are ready. Throws FleetError. */
export async function startServers(servers: PlannedServer[], { stop }: Change): Promise<string> {
  const names = servers.map(({ name }) => name);
  await startApps(names);
  await serversReady(servers, stop);
  return names.join(' ');
}

export async function stopServers(servers: PlannedServer[], { settings }: Change): Promise<string> {
  const known = oursAmong(await listApps(), settings.varDir).map(({ name }) => name);
  const names = servers.map(({ name }) => name).filter((name) => known.includes(name));
  await removeApps(names);
  return names.join(' ');
}

/** The plan that counts from now on, for nginx as well: new sessions go by it, those that are open stay. */
export async function usePlan(plan: Plan, { settings }: Change): Promise<string> {
  writePlan(settings.varDir, plan);
  await reloadNginx(renderHere(plan, settings), nginxFiles(settings.varDir));
  return (
    'new sessions go to ' +
    serversOf(plan)
      .map(({ name }) => name)
      .join(' ')
  );
}

/** Asks servers for something that only an operator may ask; says of each that did not answer why. */
export async function askEach(
  servers: PlannedServer[],
  what: string,
  body: object,
  { settings }: Pick<Change, 'settings'>,
): Promise<string> {
  const { operatorSecret } = readSecrets(settings.varDir);
  const answers = await Promise.all(
    servers.map((server) => askServer<object>(server, operatorSecret, what, body)),
  );
  return answers.filter((answer) => typeof answer === 'string').join('; ');
}

/**
 * Sends the people of a server to the others and waits until they have gone. A server that does not answer has
 * nobody to send: that is said, and no reason to stop. Throws an AbortError.
 */
export async function drainServer(
  server: PlannedServer,
  reason: string,
  change: Change,
  to?: PlannedServer,
): Promise<string> {
  const { withinMs, stop } = change;
  const before = (await readStats(server))?.connections ?? 0;
  const body = { withinMs, reason, ...(to && { server: to.name }) };
  const problem = await askEach([server], 'drain', body, change);
  if (problem !== '') return problem;
  const isEmpty = async (): Promise<boolean> => ((await readStats(server))?.connections ?? 0) === 0;
  await until(isEmpty, withinMs + CLOSED_WITHIN_MS, stop);
  const left = (await readStats(server))?.connections ?? 0;
  return `${server.name}: ${before} connections, ${left === 0 ? 'all gone' : `${left} left`}`;
}
