import { FleetError } from './errors';
import { serversOf, withPorts, type Plan, type PlannedServer } from './plan';
import { releaseOf } from './release';
import {
  drainServer,
  keepPlan,
  portNumbers,
  runningServers,
  startServers,
  stopServers,
  turnDoors,
  usePlan,
  type Change,
} from './running';

/** How far a roll came, and what the servers ran before it. */
export interface CutOff {
  plan: Plan;
  before: string;
}

/**
 * The ports of before, each with the build of before: servers that run it open their doors, the others are replaced.
 * What more there is leaves last, so that nobody is without a server. Throws FleetError.
 */
export async function goBack({ plan: now, before }: CutOff, change: Change): Promise<string> {
  const { varDir } = change.settings;
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
  const planned = portNumbers(serversOf(plan));
  const anew = serversOf(plan).filter(({ port }) => missing.includes(port));
  const surplus = servers.filter(({ port }) => !planned.includes(port));
  await doAll([
    () => startAnew(anew, change, old[0]),
    () => usePlan(plan, change),
    ...surplus.map((server) => () => drainServer(server, 'deploy', change)),
    () => stopServers(surplus, change),
  ]);
  return `all servers run ${before}`;
}

/** Not the next one when one does not start: those that are there go on. */
async function startAnew(servers: PlannedServer[], change: Change, to?: PlannedServer): Promise<void> {
  for (const server of servers) {
    await drainServer(server, 'deploy', change, to);
    await stopServers([server], change);
    await startServers([server], change);
  }
}

/** One after the other, whatever fails; throws what failed first. */
async function doAll(works: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const work of works) await work().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** Pure: why the roll failed, and what holds now; `problem` is what failed on the way back. */
export function wentBack(error: unknown, before: string, problem: unknown): unknown {
  if (!(error instanceof FleetError)) return error;
  const { kind, message, next } = error;
  if (problem === undefined)
    return new FleetError(kind, message, `All servers run the build from before (${before}).`, next);
  const reason = problem instanceof Error ? problem.message : String(problem);
  return new FleetError(kind, message, `Not all is as before (${before}): ${reason}`, 'npx fleet status');
}
