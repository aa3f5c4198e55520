import { messageCrosses } from './checks';
import { goBack, wentBack } from './go-back';
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
  servingAmong,
  startServers,
  stopServers,
  turnDoors,
  usePlan,
  wellOne,
  type Change,
  type RunningServer,
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
  /**
   * Servers to be replaced, also those that a roll left behind when it was cut off. First those that serve people;
   * `idle` are the others: dead, frozen, closed, or never started.
   */
  stale: PlannedServer[];
  idle: PlannedServer[];
  /** Servers that run as they should, the newest last. */
  fresh: PlannedServer[];
}

/**
 * Replaces every server that does not run the release, or not well (`all`: every server), by one that does, one after
 * the other. A spare one comes first, on a free port, and the last old one is not replaced: so everybody moves once,
 * to a server that stays. If a new server does not get ready, all goes back to the old release. Throws FleetError, and
 * an AbortError.
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
    const unstoppable = { ...change, stop: new AbortController().signal };
    const problem = await step('go back', () => goBack(begun, unstoppable)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    throw stop.aborted ? (problem ?? stop.reason) : wentBack(error, before, problem);
  }
  if (before !== release) await step('monitor', restartMonitor);
  return { release, before, started: begun.fresh.slice(known).map(({ name }) => name) };
}

async function beginning(
  releaseFor: (plan: Plan) => string,
  all: boolean,
  { settings }: Change,
): Promise<Roll> {
  const { plan, servers } = await runningFleet(settings, 'any');
  const release = releaseFor(plan);
  const serving = await servingAmong(servers);
  const runs = ({ app }: RunningServer): string | undefined => releaseOf(app.script, settings.varDir);
  const isWell = (server: RunningServer): boolean =>
    server.app.status === 'online' && serving.includes(server);
  const fresh = servers.filter((server) => !all && runs(server) === release && isWell(server));
  const old = servers.filter((server) => !fresh.includes(server));
  const [well, ill] = [old.filter(isWell), old.filter((server) => !isWell(server))];
  const known = portNumbers(servers);
  const idle = [...ill, ...serversOf(plan).filter(({ port }) => !known.includes(port))];
  // A server of the release that does not run well is nothing to go back to.
  const isEarlier = (each?: string): each is string => each !== undefined && each !== release;
  const before = mostOf(old.map(runs).filter(isEarlier)) ?? release;
  return { plan, release, before, stale: [...well, ...idle], idle, fresh };
}

/** Pure: what most of them are. Of a deploy that was killed there may be others. */
export function mostOf(builds: string[]): string | undefined {
  const times = (build: string): number => builds.filter((each) => each === build).length;
  return builds.reduce<string | undefined>(
    (most, each) => (most !== undefined && times(most) >= times(each) ? most : each),
    undefined,
  );
}

/** A server of the last ones that are more than the plan has is stopped, any other is started anew. */
async function replaceAll(roll: Roll, change: Change): Promise<void> {
  const { settings, step, stop } = change;
  const { stale, idle, fresh } = roll;
  // Nor is an idle one started on a port of which it may have died, if another can take its place.
  const fills = idle.length > 0 && fresh.length + stale.length <= roll.plan.servers;
  if (fresh.length === 0 || fills) await step('spare', () => startSpare(roll, change));
  await step('message', async () => {
    const sender = await wellOne([...stale, ...fresh]);
    return messageCrosses([sender, fresh.at(-1)!], settings, stop);
  });
  const total = fresh.length + stale.length;
  const kept = stale.slice(0, stale.length - Math.max(0, total - roll.plan.servers));
  const leaving = stale.slice(kept.length);
  const ports = portNumbers([...fresh, ...kept]);
  roll.plan = { ...withPorts(roll.plan, ports, portNumbers(leaving)), release: roll.release };
  await step('nginx', () => usePlan(roll.plan, change));
  await step('close', async () => {
    await turnDoors(stale, 'close', change);
    return `nobody new comes to ${namesOf(stale)}`;
  });
  // The idle ones can take people again before anybody has to move.
  for (const server of [...idle, ...stale.filter((each) => !idle.includes(each))]) {
    await step('drain', () => drainServer(server, 'deploy', change, fresh.at(-1)));
    await step('stop', () => stopServers([server], change));
    if (leaving.includes(server)) continue;
    await step('start', () => startServers([server], change));
    fresh.push(server);
  }
}

/** It is known to PM2, but not to nginx yet. */
async function startSpare({ plan, release, stale, fresh }: Roll, change: Change): Promise<string> {
  const taken = await takenPorts(plan, 1, change.settings, portNumbers(stale));
  const [port] = freePorts(plan, 1, taken);
  const wider: Plan = { ...plan, spare: port!, release };
  const spare = startedOf(wider).at(-1)!;
  keepPlan(wider, change);
  const started = await startServers([spare], change);
  fresh.push(spare);
  return started;
}

async function restartMonitor(): Promise<string> {
  await removeApps([MONITOR_APP]);
  await startApps([MONITOR_APP]);
  return 'of the new build as well';
}
