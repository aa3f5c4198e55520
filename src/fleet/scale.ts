import { messageCrosses } from './checks';
import { leadsTo } from './nginx-use';
import { resized, serversOf, withPorts, type Plan, type PlannedServer } from './plan';
import { takenPorts } from './ports';
import { isJoinedPlan, registrationOf, writeRegistration } from './registration';
import {
  drainServer,
  keepPlan,
  portNumbers,
  runningFleet,
  startServers,
  stopServers,
  turnDoors,
  usePlan,
  wellOne,
  type Change,
} from './running';

/** The object that `fleet scale --json` prints. */
export interface ScaleResult {
  from: number;
  to: number;
  added: string[];
  removed: string[];
}

/** The plan now and then, and which servers come and go by that. */
interface Scaling {
  plan: Plan;
  next: Plan;
  added: PlannedServer[];
  removed: PlannedServer[];
}

/** What scaling to so many servers would do. Throws FleetError. */
export async function planScale(wanted: number, change: Change): Promise<ScaleResult> {
  return resultOf(await scalingTo(wanted, change));
}

/**
 * Makes the fleet have so many servers. Servers that stay are not touched, and no session moves but those of servers
 * that go. If a new server does not get ready, the fleet is as it was. Throws FleetError, and an AbortError.
 */
export async function scale(wanted: number, change: Change): Promise<ScaleResult> {
  const scaling = await scalingTo(wanted, change);
  const { added, removed, plan } = scaling;
  if (added.length > 0) await grow(scaling, change);
  if (removed.length > 0) await shrink(scaling, change);
  if (added.length + removed.length === 0) await stay({ ...plan, ...change.asked }, change);
  return resultOf(scaling);
}

/** Servers that a change left behind when it was cut off are in no plan: they go. */
async function scalingTo(wanted: number, { settings, asked }: Change): Promise<Scaling> {
  const { plan, servers } = await runningFleet(settings);
  const taken = await takenPorts(plan, wanted - plan.servers, settings, portNumbers(servers));
  const target = resized(plan, wanted, taken);
  const isIn = (list: PlannedServer[], { port }: PlannedServer): boolean =>
    list.some((each) => each.port === port);
  const [before, after] = [serversOf(plan), serversOf(target)];
  const added = after.filter((server) => !isIn(before, server));
  const removed = servers.filter((server) => !isIn(after, server)).map(({ app: _, ...server }) => server);
  const next = { ...withPorts(target, portNumbers(after), portNumbers(removed)), ...asked };
  return { plan, next, added, removed };
}

function resultOf({ plan, next, added, removed }: Scaling): ScaleResult {
  const names = (servers: PlannedServer[]): string[] => servers.map(({ name }) => name);
  return { from: plan.servers, to: next.servers, added: names(added), removed: names(removed) };
}

/** One that was killed when all servers ran may not have come to nginx. */
async function stay(plan: Plan, change: Change): Promise<void> {
  if (leadsTo(plan, change.settings)) keepPlan(plan, change);
  else await change.step('nginx', () => usePlan(plan, change));
}

async function grow({ plan, next, added }: Scaling, change: Change): Promise<void> {
  const { settings, step, stop } = change;
  keepPlan(next, change);
  try {
    await step('start', () => startServers(added, change));
    const sender = await wellOne(serversOf(plan));
    await step('message', () => messageCrosses([sender, added.at(-1)!], settings, stop));
    await step('nginx', () => usePlan(next, change));
  } catch (error) {
    await step('undo', async () => {
      keepPlan(plan, change);
      // The monitor would go on saying that the new ones are there.
      if (isJoinedPlan(plan)) writeRegistration(settings.varDir, registrationOf(plan));
      await stopServers(added, change);
      return 'the fleet is as it was';
    });
    throw stop.aborted ? stop.reason : error;
  }
}

async function shrink({ plan, next, removed }: Scaling, change: Change): Promise<void> {
  const { step, stop } = change;
  try {
    await step('nginx', () => usePlan(next, change));
    await step('drain', async () => {
      const drained = await Promise.all(removed.map((server) => drainServer(server, 'scale', change)));
      return drained.join('; ');
    });
  } catch (error) {
    await step('undo', async () => {
      await turnDoors(removed, 'open', change);
      return usePlan(plan, change);
    });
    throw stop.aborted ? stop.reason : error;
  }
  await step('stop', () => stopServers(removed, change));
}
