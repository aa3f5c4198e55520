import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { becomes } from './ending';
import { FleetError } from './errors';
import { installNginxConf, nginxMaster, runNginx, type NginxFiles } from './nginx';
import { commandOf, fleetProcesses, isAlive } from './processes';
import { readText } from './text-file';

const TAKES_OVER_WITHIN_MS = 5_000;

/**
 * Puts a configuration in place and lets the running nginx take it over; open connections stay.
 * If nginx refuses it, in its test or in earnest (a port that another program holds is only found then),
 * the old configuration stays, in use and on disk. Throws FleetError.
 */
export async function reloadNginx(text: string, files: NginxFiles): Promise<void> {
  const master = nginxMaster(files);
  if (master === undefined || !isAlive(master)) throw notRunning();
  const old = readText(files.conf);
  installNginxConf(text, files);
  const before = nginxProcesses(files).filter((pid) => pid !== master);
  const sent = runNginx(files, '-s', 'reload');
  const tookOver = (): boolean => {
    const now = nginxProcesses(files).filter((pid) => pid !== master);
    return (
      now.some((pid) => !before.includes(pid)) && before.every((pid) => !now.includes(pid) || isLeaving(pid))
    );
  };
  if (sent.ok && (await becomes(tookOver, TAKES_OVER_WITHIN_MS))) return;
  if (old !== undefined) writeFileSync(files.conf, old);
  throw notTaken(sent.said);
}

function nginxProcesses(files: NginxFiles): number[] {
  return fleetProcesses(dirname(files.prefix)).flatMap(({ pid, kind }) => (kind === 'nginx' ? [pid] : []));
}

/** A worker of an earlier configuration takes no new connections; it says so in its title. */
function isLeaving(pid: number): boolean {
  return commandOf(pid).includes('is shutting down');
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
