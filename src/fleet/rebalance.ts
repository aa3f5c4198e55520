import { readSecrets } from '../config/secrets';
import { FleetError } from './errors';
import { readHosts, serversOfHosts } from './hosts';
import { serversOf, type PlannedServer } from './plan';
import { readStats, until } from './probe';
import { ask, runningFleet, servingAmong, wellAmong, type Change } from './running';

/** So many people are asked to move from one server to another. */
export interface Shift {
  from: PlannedServer;
  to: PlannedServer;
  count: number;
}

/** The object that `fleet rebalance --json` prints. */
export interface RebalanceResult {
  before: number[];
  after: number[];
  asked: number;
  /** Servers to which nobody was sent: they do not answer, or have trouble. */
  leftOut: string[];
}

/** Pure: what makes all servers have the same share, with as few moves as possible; to one that takes nobody, none. */
export function shiftsFor(
  servers: PlannedServer[],
  connections: number[],
  takesNobody: PlannedServer[] = [],
): Shift[] {
  const surplus = surplusOf(connections);
  // What it lacks nobody is to give: the others share without it.
  const takes = servers.filter((server, i) => surplus[i]! >= 0 || !takesNobody.includes(server));
  if (takes.length < servers.length) {
    const left = connections.filter((_, i) => takes.includes(servers[i]!));
    return shiftsFor(takes, left, takesNobody);
  }
  const shifts: Shift[] = [];
  for (const from of surplus.keys())
    for (const to of surplus.keys()) {
      const count = Math.min(surplus[from]!, -surplus[to]!);
      if (count <= 0) continue;
      shifts.push({ from: servers[from]!, to: servers[to]!, count });
      surplus[from]! -= count;
      surplus[to]! += count;
    }
  return shifts;
}

/** How many each has more than its share. What is left over by the division stays with the fullest. */
function surplusOf(connections: number[]): number[] {
  const total = connections.reduce((sum, count) => sum + count, 0);
  const fair = Math.floor(total / connections.length);
  const byFullness = [...connections.keys()].sort((a, b) => connections[b]! - connections[a]!);
  const fullest = new Set(byFullness.slice(0, total % connections.length));
  return connections.map((count, index) => count - fair - (fullest.has(index) ? 1 : 0));
}

/**
 * Asks people on full servers to move to emptier ones, and waits until the time to move is over. Nobody is forced:
 * clients that do not know `move` stay. Throws FleetError, and an AbortError.
 */
export async function rebalance(change: Change): Promise<RebalanceResult> {
  const { settings, step, stop, withinMs } = change;
  const { varDir } = settings;
  const { plan } = await runningFleet(settings);
  const { operatorSecret: secret } = readSecrets(varDir);
  const all = [...serversOf(plan), ...serversOfHosts(readHosts(varDir)).servers];
  const well = await wellAmong(all, secret);
  // One that has too much to do is the first that people are to leave.
  const servers = await servingAmong(all, secret);
  const unwell = servers.filter((server) => !well.includes(server));
  const leftOut = all.filter((server) => !well.includes(server)).map(({ name }) => name);
  const connections = (): Promise<number[]> => connectionsOf(servers, secret);
  const before = await connections();
  let asked = 0;
  const shifts = shiftsFor(servers, before, unwell);
  await step('ask', async () => {
    for (const { from, to, count } of shifts) {
      const body = { count, withinMs, reason: 'rebalance', server: to.name };
      const answer = await ask<{ asked: number }>(from, 'move', body, change).catch(notAsked);
      asked += answer.asked;
    }
    return `${asked} people asked to move`;
  });
  const isFair = async (): Promise<boolean> => shiftsFor(servers, await connections(), unwell).length === 0;
  if (asked > 0)
    await step('wait', async () => ((await until(isFair, withinMs, stop)) ? 'all moved' : 'not all moved'));
  return { before, after: await connections(), asked, leftOut };
}

async function connectionsOf(servers: PlannedServer[], secret: string): Promise<number[]> {
  const stats = await Promise.all(servers.map((server) => readStats(server, undefined, secret)));
  return stats.map((each) => each?.connections ?? 0);
}

function notAsked({ message }: Error): never {
  throw new FleetError(
    'failure',
    message,
    'Who was asked before that moves; nobody else.',
    'npx fleet status',
  );
}
