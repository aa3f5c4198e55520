import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { becomes } from './ending';
import { FleetError } from './errors';
import { takeLock } from './lock';
import { installNginxConf, isNginxAlive, nginxMaster, runNginx, type NginxFiles } from './nginx';
import { commandOf, fleetProcesses } from './processes';
import { readText } from './text-file';

const TAKES_OVER_WITHIN_MS = 5_000;

/**
 * Puts a configuration in place and lets the running nginx take it over; no connection ends at once.
 * If nginx refuses it, in its test or in earnest (a port that another program holds is only found then),
 * the old configuration stays, in use and on disk. Throws FleetError.
 */
export function reloadNginx(text: string, files: NginxFiles): Promise<void> {
  return editNginx(() => text, files);
}

/** The same for a change of what is in place now: nobody else changes that meanwhile. */
export async function editNginx(edit: (conf: string) => string, files: NginxFiles): Promise<void> {
  if (!isNginxAlive(files)) throw notRunning();
  // Commands hold `fleet.lock` for minutes. This one is held for a reload, so that the monitor need not wait for them.
  const lock = await takeLock(join(files.prefix, 'reload.lock'));
  try {
    await takeOver(edit(readText(files.conf) ?? ''), files);
  } finally {
    lock?.release(); // who may not take it may not write the file either
  }
}

async function takeOver(text: string, files: NginxFiles): Promise<void> {
  const old = readText(files.conf);
  installNginxConf(text, files);
  const before = nginxWorkers(files);
  const known = [...before.current, ...before.leaving];
  const sent = runNginx(files, '-s', 'reload');
  const tookOver = (): boolean => {
    const { current } = nginxWorkers(files);
    return current.length > 0 && !current.some((pid) => known.includes(pid));
  };
  if (sent.ok && (await becomes(tookOver, TAKES_OVER_WITHIN_MS))) return;
  if (old !== undefined) writeFileSync(files.conf, old);
  throw notTaken(sent.said);
}

export interface NginxWorkers {
  current: number[];
  /** Of an earlier configuration: they take no new connections, and end with their last one. */
  leaving: number[];
}

/** Pids of nginx's workers. */
export function nginxWorkers(files: NginxFiles): NginxWorkers {
  const master = nginxMaster(files);
  const pids = fleetProcesses(dirname(files.prefix)).flatMap(({ pid, kind }) =>
    kind === 'nginx' ? [pid] : [],
  );
  const workers = pids.filter((pid) => pid !== master);
  // A worker says so in its title.
  const isLeaving = (pid: number): boolean => commandOf(pid).includes('is shutting down');
  return {
    current: workers.filter((pid) => !isLeaving(pid)),
    leaving: workers.filter(isLeaving),
  };
}

function notRunning(): FleetError {
  return new FleetError(
    'precondition',
    'nginx does not run, so there is nothing to reload.',
    'Nothing was changed.',
    'npx fleet up',
  );
}

function notTaken(said: string): FleetError {
  return new FleetError(
    'failure',
    `nginx did not take the new configuration over. ${said}`.trim(),
    'The old configuration stays in use.',
    'npx fleet logs chat-nginx',
  );
}
