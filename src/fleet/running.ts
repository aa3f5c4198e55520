import type { LoadedSettings } from '../config/load-settings';
import { readSecrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import type { ServerState } from '../protocol/stats';
import { askServer, Unanswered } from './ask-server';
import { serversReady } from './checks';
import { FleetError, noPlan } from './errors';
import { nginxFiles, renderHere } from './nginx';
import { requireSameDoors } from './nginx-use';
import { serverNamed, serversOf, type Plan, type PlannedServer } from './plan';
import { listApps, oursAmong, removeApps, startApps, type RunningApp } from './pm2';
import { readPlan, writePlan } from './prepare';
import { probe, readStats, until } from './probe';
import { isJoinedPlan, registerHost, registrationOf } from './registration';
import { reloadNginx } from './reload';
import type { Step } from './step';

/** After the time that people got to move, those who stayed are closed one after the other. */
const CLOSED_WITHIN_MS = 5_000;
const PROBE_MS = 2_000;

/** What everything needs that changes a running fleet. */
export interface Change {
  settings: Settings;
  /** What SERVERS asks for, if it asks: a number that the operator types now is newer than that. */
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

/** A server that PM2 runs, whether the plan has it or not: a change that was cut off leaves such. */
export interface RunningServer extends PlannedServer {
  app: RunningApp;
}

/** A fleet that runs, as its plan and PM2 know it. */
export interface RunningFleet {
  plan: Plan;
  servers: RunningServer[];
}

/**
 * Throws FleetError when there is none, when of the servers of its plan not every one runs, or not any, and when nginx
 * has other settings.
 */
export async function runningFleet(
  settings: Settings,
  needed: 'every' | 'any' = 'every',
): Promise<RunningFleet> {
  const { varDir } = settings;
  const plan = readPlan(varDir);
  if (!plan) throw noPlan('there is nothing to change');
  requireSameDoors(settings);
  const servers = await runningServers(varDir);
  const isOnline = (port: number): boolean =>
    servers.some((server) => server.port === port && server.app.status === 'online');
  const missing = serversOf(plan).filter(({ port }) => !isOnline(port));
  if (missing.length === 0 || (needed === 'any' && missing.length < plan.servers)) return { plan, servers };
  throw new FleetError(
    'precondition',
    `Not running: ${namesOf(missing)}`,
    'Nothing was changed.',
    'npx fleet up',
  );
}

/** Servers that PM2 has, whether they run well or not, in the order of their ports. */
export async function runningServers(varDir: string): Promise<RunningServer[]> {
  const servers = oursAmong(await listApps(), varDir).flatMap((app) => {
    const server = serverNamed(app.name);
    return server ? [{ ...server, app }] : [];
  });
  return servers.sort((a, b) => a.port - b.port);
}

export const portNumbers = (servers: PlannedServer[]): number[] => servers.map(({ port }) => port);

export const namesOf = (servers: PlannedServer[]): string => servers.map(({ name }) => name).join(' ');

/** Those that answer, take people, and have no trouble. */
export const wellAmong = (servers: PlannedServer[], secret?: string): Promise<PlannedServer[]> =>
  inStateAmong(servers, ['ok'], secret);

/** Those that answer, and serve people, with whatever trouble. */
export const servingAmong = (servers: PlannedServer[], secret?: string): Promise<PlannedServer[]> =>
  inStateAmong(servers, ['ok', 'degraded', 'overloaded'], secret);

async function inStateAmong(
  servers: PlannedServer[],
  wanted: ServerState[],
  secret: string | undefined,
): Promise<PlannedServer[]> {
  const stats = await Promise.all(servers.map((server) => readStats(server, PROBE_MS, secret)));
  const isWanted = (state?: ServerState): boolean => state !== undefined && wanted.includes(state);
  return servers.filter((_, index) => isWanted(stats[index]?.state));
}

/** One of them that can take part in a check. */
export async function wellOne(servers: PlannedServer[]): Promise<PlannedServer> {
  return (await wellAmong(servers))[0] ?? servers[0]!;
}

/** Starts servers of the plan on disk and waits until they are ready. Throws FleetError. */
export async function startServers(servers: PlannedServer[], { stop }: Change): Promise<string> {
  await startApps(servers.map(({ name }) => name));
  await serversReady(servers, stop);
  return namesOf(servers);
}

/** Those that PM2 does not have are stopped already. */
export async function stopServers(servers: PlannedServer[], { settings }: Change): Promise<string> {
  const known = oursAmong(await listApps(), settings.varDir).map(({ name }) => name);
  await removeApps(servers.map(({ name }) => name).filter((name) => known.includes(name)));
  return namesOf(servers);
}

/** The plan on disk from now on. */
export function keepPlan(plan: Plan, { settings }: Change): void {
  writePlan(settings.varDir, plan);
}

/** The plan that counts from now on, for nginx as well: new sessions go by it, those that are open stay. */
export async function usePlan(plan: Plan, change: Change): Promise<string> {
  const { settings } = change;
  keepPlan(plan, change);
  if (isJoinedPlan(plan)) await registerHost(registrationOf(plan), settings, change.stop);
  else await reloadNginx(renderHere(plan, settings), nginxFiles(settings.varDir));
  return `new sessions go to ${namesOf(serversOf(plan))}`;
}

/** Asks one server for something that only an operator may ask. Rejects with Unanswered. */
export function ask<T>(
  server: PlannedServer,
  what: string,
  body: object,
  { settings }: Pick<Change, 'settings'>,
): Promise<T> {
  return askServer<T>(server, readSecrets(settings.varDir).operatorSecret, what, body);
}

/**
 * Opens doors, or closes them. A server that does not answer is left out, also when another program has its port:
 * nobody gets in there.
 */
export async function turnDoors(
  servers: PlannedServer[],
  what: 'open' | 'close',
  change: Pick<Change, 'settings'>,
): Promise<void> {
  await Promise.all(servers.map((server) => ask(server, what, {}, change).catch(orSilent(server))));
}

/** Throws FleetError when it is the server itself that refuses. */
const orSilent =
  (server: PlannedServer) =>
  async (error: unknown): Promise<void> => {
    const isSilent = error instanceof Unanswered && error.isSilent;
    if (!isSilent && (await readStats(server, PROBE_MS))) throw refusedToDo(error as Error);
  };

/**
 * Sends the people of a server to the others and waits until they have gone. A server that gives no answer cannot
 * send anybody: that is said, and no reason to stop. Throws FleetError when it refuses, and an AbortError.
 */
export async function drainServer(
  server: PlannedServer,
  reason: string,
  change: Change,
  to?: PlannedServer,
): Promise<string> {
  const { withinMs, stop } = change;
  const body = { withinMs, reason, ...(to && { server: to.name }) };
  const answer = await ask<{ connections?: number }>(server, 'drain', body, change).catch(orSilent(server));
  if (answer?.connections === undefined)
    return `${server.name} does not answer: its people cannot be asked to move`;
  const isEmpty = async (): Promise<boolean> => (await connectionsOn(server)) === 0;
  const isGone = await until(isEmpty, withinMs + CLOSED_WITHIN_MS, stop);
  return `${server.name}: ${answer.connections} connections, ${isGone ? 'all gone' : 'not all gone'}`;
}

/** Undefined when nobody knows: a server that is busy does not answer, and is not empty. */
async function connectionsOn(server: PlannedServer): Promise<number | undefined> {
  const stats = await readStats(server, PROBE_MS);
  if (stats) return stats.connections;
  return (await probe(server, PROBE_MS)) === 'refused' ? 0 : undefined;
}

function refusedToDo({ message }: Error): FleetError {
  return new FleetError('failure', message, 'That server goes on as it was.', 'npx fleet status');
}
