import { rmSync } from 'node:fs';
import { readSecrets } from '../config/secrets';
import { askServer } from './ask-server';
import { endProcesses } from './ending';
import { FleetError } from './errors';
import { nginxFiles } from './nginx';
import { NGINX_APP, REDIS_APP, serverNamed, type PlannedServer } from './plan';
import { endIdleDaemon, listApps, oursAmong, removeApps } from './pm2';
import { fleetProcesses } from './processes';

/** A server that lives answers much earlier; a frozen one is killed anyway. */
const AT_ONCE_MS = 1_000;
/** Processes that PM2 no longer knows get this long to end by themselves. */
const END_WITHIN_MS = 12_000;
const ROUNDS = 4;

export interface DownResult {
  /** Names of the apps that were ended. */
  apps: string[];
  /** Processes that were ended although PM2 did not know them. */
  leftovers: number;
}

/** Ends the whole fleet of this folder, whatever of it still runs. Messages and secrets stay under `var/`. */
export async function takeDown(varDir: string): Promise<DownResult> {
  const apps = await removeAll(varDir);
  const leftovers = fleetProcesses(varDir);
  await endProcesses(
    leftovers.map(({ pid }) => pid),
    END_WITHIN_MS,
  );
  rmSync(nginxFiles(varDir).pid, { force: true });
  await endIdleDaemon();
  return { apps, leftovers: leftovers.length };
}

/** PM2 can lose a delete to a restart that is under way, so its list is looked at again. */
async function removeAll(varDir: string): Promise<string[]> {
  const removed = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const apps = oursAmong(await listApps(), varDir).map(({ name }) => name);
    if (apps.length === 0) return [...removed];
    await removeInOrder(apps, varDir);
    for (const name of apps) removed.add(name);
  }
  const left = oursAmong(await listApps(), varDir).map(({ name }) => name);
  if (left.length === 0) return [...removed];
  throw new FleetError(
    'failure',
    `PM2 does not let go of ${left.join(', ')}.`,
    'The other apps are ended.',
    'npm stop',
  );
}

/** nginx first, so that nobody new comes; Redis last, so that servers can still store what they took. */
export async function removeInOrder(apps: string[], varDir: string): Promise<void> {
  await removeApps(apps.filter((name) => name === NGINX_APP));
  await closeDoors(apps, varDir);
  await removeApps(apps.filter((name) => name !== NGINX_APP && name !== REDIS_APP));
  await removeApps(apps.filter((name) => name === REDIS_APP));
}

/** There is nowhere to go when all stop, so nobody is to wait for his turn to go there. */
async function closeDoors(apps: string[], varDir: string): Promise<void> {
  const servers = apps.flatMap((name) => serverNamed(name) ?? []);
  if (servers.length === 0) return;
  const { operatorSecret } = readSecrets(varDir);
  const close = (server: PlannedServer): Promise<unknown> =>
    askServer(server, operatorSecret, 'close', {}, AT_ONCE_MS).catch(() => undefined);
  await Promise.all(servers.map(close));
}
