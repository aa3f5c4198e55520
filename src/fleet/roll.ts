import { messageCrosses } from './checks';
import { FleetError } from './errors';
import { freePorts, MONITOR_APP, serversOf, withPorts, type Plan, type PlannedServer } from './plan';
import { removeApps, startApps, type RunningApp } from './pm2';
import { takenPorts } from './ports';
import { writePlan } from './prepare';
import { pruneReleases, releaseOf } from './release';
import {
  askEach,
  drainServer,
  runningFleet,
  startServers,
  stopServers,
  usePlan,
  type Change,
} from './running';

/** The object that `fleet deploy --json` and `fleet restart --json` print. */
export interface RollResult {
  /** The build that all servers run now; `before` what they ran. */
  release: string;
  before: string | undefined;
  /** Servers that were started. */
  started: string[];
}

/** How a roll goes: which servers are still to be replaced, and which run already as they should. */
interface Roll {
  plan: Plan;
  stale: PlannedServer[];
  fresh: PlannedServer[];
  /** What to go back to. */
  before: string | undefined;
}

/**
 * Replaces every server that does not run this release (`all`: every server) by one that does, one after the other. A
 * spare one comes first, on a free port, and the last old one is not replaced: so everybody moves once, to a server
 * that stays. If a new server does not get ready, all goes back to the old release. Throws FleetError, and an
 * AbortError.
 */
export async function roll(release: string, all: boolean, change: Change): Promise<RollResult> {
  const { settings, stop } = change;
  const begun = await beginning(change, release, all);
  const { before } = begun;
  if (begun.stale.length === 0) return { release, before, started: [] };
  const state = { ...begun, stale: [...begun.stale], fresh: [...begun.fresh] };
  try {
    await replaceAll(state, release, change);
  } catch (error) {
    if (before === undefined) throw error;
    await change.step('go back', () =>
      goBack(begun, state, { ...change, stop: new AbortController().signal }),
    );
    throw stop.aborted ? stop.reason : wentBack(error, before);
  }
  if (before !== release) await change.step('monitor', restartMonitor);
  pruneReleases(settings.varDir, [release, ...(before === undefined ? [] : [before])]);
  return { release, before, started: state.fresh.map(({ name }) => name) };
}

async function beginning({ settings }: Change, release: string, all: boolean): Promise<Roll> {
  const { varDir } = settings;
  const { plan, apps } = await runningFleet(settings);
  const appOf = ({ name }: PlannedServer): RunningApp => apps.find((app) => app.name === name)!;
  const isFresh = (server: PlannedServer): boolean =>
    !all && releaseOf(appOf(server).script, varDir) === release;
  // A roll that was cut off has left servers that are in no plan: they are stale as well.
  const known = serversOf(withPorts(plan, portsOf(apps), []));
  const stale = known.filter((server) => !isFresh(server));
  const before = stale.length === 0 ? release : releaseOf(appOf(stale[0]!).script, varDir);
  return { plan, stale, fresh: known.filter(isFresh), before };
}

function portsOf(apps: RunningApp[]): number[] {
  return apps.flatMap(({ name }) => (/chat-\d+$/.test(name) ? [Number(/\d+$/.exec(name)![0])] : []));
}

async function replaceAll(state: Roll, release: string, change: Change): Promise<void> {
  const { step } = change;
  const total = state.plan.servers;
  if (state.fresh.length + state.stale.length <= total)
    await step('spare', () => startSpare(state, release, change));
  const last = state.stale.at(-1)!;
  const staying = [...state.fresh, ...state.stale.slice(0, -1)].map(({ port }) => port);
  state.plan = { ...withPorts(state.plan, staying, [last.port]), release };
  await step('nginx', () => usePlan(state.plan, change));
  await step('close', () => closeAll(state.stale, change));
  while (state.stale.length > 0) {
    const server = state.stale[0]!;
    await step('drain', () => drainServer(server, 'deploy', change, state.fresh.at(-1)));
    await step('stop', () => stopServers([server], change));
    state.stale.shift();
    if (server.port === last.port) return;
    await step('start', () => startServers([server], change));
    state.fresh.push(server);
  }
}

async function restartMonitor(): Promise<string> {
  await removeApps([MONITOR_APP]);
  await startApps([MONITOR_APP]);
  return 'of the new build as well';
}

async function startSpare(state: Roll, release: string, change: Change): Promise<string> {
  const { settings, stop } = change;
  const ports = serversOf(state.plan).map(({ port }) => port);
  const [port] = freePorts(state.plan, 1, takenPorts(settings));
  const wider = { ...withPorts(state.plan, [...ports, port!], []), release, ...change.asked };
  const spare = serversOf(wider).find((server) => server.port === port)!;
  writePlan(settings.varDir, wider);
  state.fresh.push(spare);
  const started = await startServers([spare], change);
  return `${started}; ${await messageCrosses([state.stale[0]!, spare], settings, stop)}`;
}

/** Nobody new is to land on a server that will be replaced. */
async function closeAll(servers: PlannedServer[], change: Change): Promise<string> {
  const problems = await askEach(servers, 'close', {}, change);
  return problems === '' ? `${servers.length} old servers take nobody new` : problems;
}

/** Old servers open again, those that are gone come back as they were, new ones leave last. */
async function goBack(begun: Roll, now: Roll, change: Change): Promise<string> {
  const { settings } = change;
  const old = begun.stale;
  const plan = withPorts({ ...begun.plan, release: begun.before! }, portsIn(begun), []);
  writePlan(settings.varDir, plan);
  await askEach(now.stale, 'open', {}, change);
  for (const server of old.filter(({ port }) => !now.stale.some((each) => each.port === port))) {
    await drainServer(server, 'deploy', change, now.stale[0]);
    await stopServers([server], change);
    await startServers([server], change);
  }
  await usePlan(plan, change);
  for (const server of now.fresh.filter(({ port }) => !portsIn(begun).includes(port))) {
    await drainServer(server, 'deploy', change);
    await stopServers([server], change);
  }
  return `all servers run ${begun.before}`;
}

const portsIn = ({ stale, fresh }: Roll): number[] => [...fresh, ...stale].map(({ port }) => port);

function wentBack(error: unknown, before: string): unknown {
  if (!(error instanceof FleetError)) return error;
  const unchanged = `All servers run the build from before (${before}).`;
  return new FleetError(error.kind, error.message, unchanged, error.next);
}
