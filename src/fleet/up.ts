import { availableParallelism } from 'node:os';
import type { LoadedSettings } from '../config/load-settings';
import type { Settings } from '../config/settings';
import { messageCrosses, nginxAnswers, serversReady } from './checks';
import { removeInOrder } from './down';
import { findMissing } from './missing';
import { descriptorLimit, nginxFiles, renderHere } from './nginx';
import { leadsTo, requireSameDoors } from './nginx-use';
import { serversOf, type Plan } from './plan';
import { endIdleDaemon, listApps, oursAmong, startApps } from './pm2';
import type { JoinedHost } from './hosts';
import { nextPlan, prepareFleet } from './prepare';
import { isJoinedPlan, registerHost, registrationOf } from './registration';
import { reloadNginx } from './reload';
import { turnDoors } from './running';
import type { Step } from './step';
import { rootWarning, sizingWarning, type Warning } from './sizing';
import { baseUrl } from './url';

export interface UpResult {
  /** Of the page; empty on a joined host: nginx is on another machine. */
  url: string;
  servers: string[];
  /** Apps that this run started; empty when all ran already. */
  started: string[];
  /** What does not hinder the fleet, but the operator should know. */
  warnings: Warning[];
}

/**
 * Brings the whole fleet up and returns when a message has crossed two servers. What runs already is left
 * alone. If anything fails, what this run started is stopped again. Throws FleetError and SettingsError,
 * and an AbortError when told to stop.
 */
export async function bringUp(loaded: LoadedSettings, step: Step, stop: AbortSignal): Promise<UpResult> {
  const { settings } = loaded;
  const plan = nextPlan(loaded);
  let missing: string[] = [];
  await step('check', async () => {
    missing = await findMissing(plan, settings);
    if (missing.length === 0) return 'all apps run already';
    prepareFleet(loaded);
    return `${missing.length} apps to start`;
  });
  try {
    if (missing.length > 0) await step('start', () => start(missing));
    const servers = serversOf(plan);
    // A change that was cut off may have left doors closed.
    await turnDoors(servers, 'open', { settings });
    await step('ready', () => serversReady(servers, stop));
    if (!isJoinedPlan(plan)) await step('nginx', () => nginxLeads(plan, settings, stop));
    await step('message', () => messageCrosses([servers[0]!, servers.at(-1)!], settings, stop));
    if (isJoinedPlan(plan)) await step('join', () => joinNginx(registrationOf(plan), settings, stop));
  } catch (error) {
    if (missing.length > 0) await step('undo', () => undo(missing, settings.varDir));
    // What failed then is not the news.
    throw stop.aborted ? stop.reason : error;
  }
  const servers = serversOf(plan).map(({ name }) => name);
  const url = isJoinedPlan(plan) ? '' : baseUrl(settings);
  return { url, servers, started: missing, warnings: warningsFor(servers.length) };
}

/** Of a scale that was killed the servers run, but nginx does not know them. */
async function nginxLeads(plan: Plan, settings: Settings, stop: AbortSignal): Promise<string> {
  if (!leadsTo(plan, settings)) {
    requireSameDoors(settings);
    await reloadNginx(renderHere(plan, settings), nginxFiles(settings.varDir));
  }
  return nginxAnswers(settings, stop);
}

async function joinNginx(host: JoinedHost, settings: Settings, stop: AbortSignal): Promise<string> {
  await registerHost(host, settings, stop);
  return 'the nginx of the fleet leads here too';
}

function warningsFor(servers: number): Warning[] {
  const sizing = sizingWarning(descriptorLimit(), availableParallelism(), servers);
  return [sizing, rootWarning(process.getuid?.())].filter((warning) => warning !== undefined);
}

async function start(names: string[]): Promise<string> {
  await startApps(names);
  return names.join(' ');
}

async function undo(names: string[], varDir: string): Promise<string> {
  const known = oursAmong(await listApps(), varDir).map(({ name }) => name);
  await removeInOrder(
    names.filter((name) => known.includes(name)),
    varDir,
  );
  await endIdleDaemon();
  return 'stopped what this run had started';
}
