import type { Settings } from '../config/settings';
import { endProcesses } from './ending';
import { FleetError } from './errors';
import { NGINX_APP, samePlan, type Plan } from './plan';
import { listApps, oursAmong, type RunningApp } from './pm2';
import { portsOf, requireFreePorts, requireUsedPorts } from './ports';
import { requireOwnNames, requirePrograms, requireUsableRedis } from './preflight';
import { readPlan } from './prepare';
import { fleetProcesses } from './processes';

const END_WITHIN_MS = 12_000;

/**
 * Finds out which apps of the plan do not run, and that they can be started. Returns their names.
 * Throws FleetError when something stands in the way; the fleet is then as it was.
 */
export async function findMissing(plan: Plan, settings: Settings): Promise<string[]> {
  requirePrograms(settings);
  const ports = portsOf(plan, settings);
  const apps = await listApps();
  const running = oursAmong(apps, settings.varDir).filter(isRunning);
  const names = [...new Set(ports.map(({ app }) => app))];
  const missing = names.filter((app) => !running.some(({ name }) => name === app));
  requireOwnNames(apps, names, settings.varDir);
  requireSamePlan(plan, running, settings.varDir);
  await requireUsedPorts(ports.filter(({ app }) => !missing.includes(app)));
  if (missing.length > 0 && settings.redisUrl !== '') await requireUsableRedis(settings);
  await endLeftovers(running, settings.varDir);
  await requireFreePorts(ports.filter(({ app }) => missing.includes(app)));
  return missing;
}

function isRunning({ status }: RunningApp): boolean {
  return status === 'online' || status === 'launching';
}

/** A running fleet is not changed by starting it again: its people would lose their servers. */
function requireSamePlan(plan: Plan, running: RunningApp[], varDir: string): void {
  const current = readPlan(varDir);
  if (!current || samePlan(plan, current) || running.length === 0) return;
  throw new FleetError(
    'precondition',
    `The fleet runs ${current.servers} servers from port ${current.basePort}, ` +
      `but SERVERS and BASE_PORT ask for ${plan.servers} from port ${plan.basePort}`,
    'Nothing was changed, the fleet goes on.',
    'npm stop && npm start',
  );
}

/** Ends processes of this fleet that PM2 does not know: its daemon was killed, they were not. */
async function endLeftovers(running: RunningApp[], varDir: string): Promise<void> {
  const known = new Set(running.map(({ pid }) => pid));
  // PM2 does not know nginx's workers either; but while nginx runs they are its own business.
  const nginxRuns = running.some(({ name }) => name === NGINX_APP);
  const leftovers = fleetProcesses(varDir).filter(
    ({ pid, kind }) => !known.has(pid) && !(kind === 'nginx' && nginxRuns),
  );
  await endProcesses(
    leftovers.map(({ pid }) => pid),
    END_WITHIN_MS,
  );
}
