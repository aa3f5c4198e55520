import { messageCrosses } from './checks';
import { leavingOf, resized, serversOf, type Plan, type PlannedServer } from './plan';
import { writePlan } from './prepare';
import {
  askEach,
  drainServer,
  runningFleet,
  startServers,
  stopServers,
  usePlan,
  type Change,
} from './running';
import { takenPorts } from './ports';

/** The object that `fleet scale --json` prints. */
export interface ScaleResult {
  from: number;
  to: number;
  added: string[];
  removed: string[];
}

const names = (servers: PlannedServer[]): string[] => servers.map(({ name }) => name);

/** What scaling to so many servers would do. Throws FleetError. */
export async function planScale(
  { settings, asked }: Change,
  wanted: number,
): Promise<[Plan, Plan, ScaleResult]> {
  const { plan } = await runningFleet(settings);
  const next = { ...resized(plan, wanted, takenPorts(settings)), ...asked };
  const known = names(serversOf(plan));
  const added = names(serversOf(next)).filter((name) => !known.includes(name));
  return [plan, next, { from: plan.servers, to: wanted, added, removed: names(leavingOf(next)) }];
}

/**
 * Makes the fleet have so many servers. Servers that stay are not touched, and no session moves but those of servers
 * that go. If a new server does not get ready, the fleet is as it was. Throws FleetError, and an AbortError.
 */
export async function scale(wanted: number, change: Change): Promise<ScaleResult> {
  const [plan, next, result] = await planScale(change, wanted);
  if (result.added.length > 0) await grow(plan, next, result.added, change);
  if (result.removed.length > 0) await shrink(plan, next, change);
  return result;
}

async function grow(plan: Plan, next: Plan, added: string[], change: Change): Promise<void> {
  const { settings, step, stop } = change;
  const servers = serversOf(next).filter(({ name }) => added.includes(name));
  writePlan(settings.varDir, next);
  try {
    await step('start', () => startServers(servers, change));
    await step('message', () => messageCrosses([serversOf(plan)[0]!, servers.at(-1)!], settings, stop));
    await step('nginx', () => usePlan(next, change));
  } catch (error) {
    await step('undo', async () => {
      await stopServers(servers, change);
      writePlan(settings.varDir, plan);
      return 'the fleet is as it was';
    });
    throw stop.aborted ? stop.reason : error;
  }
}

async function shrink(plan: Plan, next: Plan, change: Change): Promise<void> {
  const { step, stop } = change;
  const servers = leavingOf(next);
  try {
    await step('nginx', () => usePlan(next, change));
    await step('drain', async () => {
      const drained = await Promise.all(servers.map((server) => drainServer(server, 'scale', change)));
      return drained.join('; ');
    });
  } catch (error) {
    await step('undo', async () => {
      await askEach(servers, 'open', {}, change);
      return usePlan(plan, change);
    });
    throw stop.aborted ? stop.reason : error;
  }
  await step('stop', () => stopServers(servers, change));
}
