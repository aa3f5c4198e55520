import { messageCrosses } from './checks';
import { FleetError } from './errors';
import {
  freePorts,
  MONITOR_APP,
  serversOf,
  startedOf,
  withPorts,
  type Plan,
  type PlannedServer,
} from './plan';
import { removeApps, startApps } from './pm2';
import { takenPorts } from './ports';
import { releaseOf } from './release';
import {
  drainServer,
  keepPlan,
  namesOf,
  portNumbers,
  runningFleet,
  runningServers,
  startServers,
  stopServers,
  turnDoors,
  usePlan,
  wellOne,
  type Change,
} from './running';

/** The object that `fleet deploy --json` and `fleet restart --json` print. */
export interface RollResult {
  /** The build that all servers run now; `before` what they ran. */
  release: string;
  before: string;
  /** Servers that were started. */
  started: string[];
}

/** How a roll goes. */
interface Roll {
  plan: Plan;
  release: string;
  /** What to go back to. */
  before: string;
  /** Servers to be replaced, also those that a roll left behind when it was cut off. */
  stale: PlannedServer[];
  /** Servers that run as they should, the newest last. */
  fresh: PlannedServer[];
}

/**
 * Replaces every server that does not run the release (`all`: every server) by one that does, one after the other. A
 * spare one comes first, on a free port, and the last old one is not replaced: so everybody moves once, to a server
 * that stays. If a new server does not get ready, all goes back to the old release. Throws FleetError, and an
 * AbortError.
 */
export async function roll(
  releaseFor: (plan: Plan) => string,
  all: boolean,
  change: Change,
): Promise<RollResult> {
  const { step, stop } = change;
  const begun = await beginning(releaseFor, all, change);
  const { release, before } = begun;
  if (begun.stale.length === 0) return { release, before, started: [] };
  const known = begun.fresh.length;
  try {
    await replaceAll(begun, change);
  } catch (error) {
    await step('go back', () => goBack(begun, { ...change, stop: new AbortController().signal }));
    throw stop.aborted ? stop.reason : wentBack(error, before);
  }
  if (before !== release) await step('monitor', restartMonitor);
  return { release, before, started: begun.fresh.slice(known).map(({ name }) => name) };
}

async function beginning(
  releaseFor: (plan: Plan) => string,
  all: boolean,
  { settings }: Change,
): Promise<Roll> {
  const { plan, servers } = await runningFleet(settings);
  const release = releaseFor(plan);
  const runs = (script: string): string | undefined => releaseOf(script, settings.varDir);
  const isFresh = (script: string): boolean => !all && runs(script) === release;
  const stale = servers.filter(({ app }) => !isFresh(app.script));
  const fresh = servers.filter(({ app }) => isFresh(app.script));
  const before = stale.map(({ app }) => runs(app.script)).find((each) => each !== undefined) ?? release;
  return { plan, release, before, stale, fresh };
}

/** A server of the last ones that are more than the plan has is stopped, any other is started anew. */
async function replaceAll(roll: Roll, change: Change): Promise<void> {
  const { step } = change;
  if (roll.fresh.length === 0) await step('spare', () => startSpare(roll, change));
  const total = roll.fresh.length + roll.stale.length;
  const kept = roll.stale.slice(0, roll.stale.length - Math.max(0, total - roll.plan.servers));
  const leaving = roll.stale.slice(kept.length);
  const ports = portNumbers([...roll.fresh, ...kept]);
  roll.plan = { ...withPorts(roll.plan, ports, portNumbers(leaving)), release: roll.release };
  await step('nginx', () => usePlan(roll.plan, change));
  await step('close', async () => {
    await turnDoors(roll.stale, 'close', change);
    return `nobody new comes to ${namesOf(roll.stale)}`;
  });
  for (const server of [...kept, ...leaving]) {
    await step('drain', () => drainServer(server, 'deploy', change, roll.fresh.at(-1)));
    await step('stop', () => stopServers([server], change));
    if (leaving.includes(server)) continue;
    await step('start', () => startServers([server], change));
    roll.fresh.push(server);
  }
}

/** It is known to PM2, but not to nginx yet. */
async function startSpare(roll: Roll, change: Change): Promise<string> {
  const { settings, stop } = change;
  const [port] = freePorts(roll.plan, 1, [...takenPorts(settings), ...portNumbers(roll.stale)]);
  const wider: Plan = { ...roll.plan, spare: port!, release: roll.release };
  const spare = startedOf(wider).at(-1)!;
  keepPlan(wider, change);
  const started = await startServers([spare], change);
  const said = await messageCrosses([await wellOne(roll.stale), spare], settings, stop);
  roll.fresh.push(spare);
  return `${started}; ${said}`;
}

async function restartMonitor(): Promise<string> {
  await removeApps([MONITOR_APP]);
  await startApps([MONITOR_APP]);
  return 'of the new build as well';
}

/**
 * The ports of before, each with the build of before: servers that run it open their doors, the others are replaced.
 * What more there is leaves last, so that nobody is without a server.
 */
async function goBack({ plan: now, before }: Roll, change: Change): Promise<string> {
  const { settings } = change;
  const { varDir } = settings;
  const servers = await runningServers(varDir);
  const old = servers.filter(
    ({ app }) => app.status === 'online' && releaseOf(app.script, varDir) === before,
  );
  await turnDoors(old, 'open', change);
  // Old servers keep their ports; what is missing of them is started on ports of the plan.
  const kept = portNumbers(old);
  const others = portNumbers(serversOf(now)).filter((port) => !kept.includes(port));
  const missing = others.slice(0, Math.max(0, now.servers - kept.length));
  const plan: Plan = { ...withPorts(now, [...kept, ...missing].slice(0, now.servers), []), release: before };
  keepPlan(plan, change);
  for (const server of serversOf(plan).filter(({ port }) => missing.includes(port))) {
    await drainServer(server, 'deploy', change, old[0]);
    await stopServers([server], change);
    await startServers([server], change);
  }
  const reloaded = await usePlan(plan, change).then(
    () => undefined,
    (error: unknown) => error,
  );
  const surplus = servers.filter(({ port }) => !portNumbers(serversOf(plan)).includes(port));
  for (const server of surplus) await drainServer(server, 'deploy', change);
  await stopServers(surplus, change);
  if (reloaded !== undefined) throw reloaded;
  return `all servers run ${before}`;
}

function wentBack(error: unknown, before: string): unknown {
  if (!(error instanceof FleetError)) return error;
  const unchanged = `All servers run the build from before (${before}).`;
  return new FleetError(error.kind, error.message, unchanged, error.next);
}
