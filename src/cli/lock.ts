import { statSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError } from '../fleet/errors';
import { takeLock } from '../fleet/lock';

function cannotLock(file: string): FleetError {
  return new FleetError(
    'precondition',
    `The lock ${file} cannot be taken by this user.`,
    'Nothing was changed.',
    'type it as the user who started the fleet',
  );
}

/** For root PM2 has other apps than for the user whose fleet this is: it would end that fleet, and start it as root. */
function requireOwner(varDir: string): void {
  const owner = statSync(varDir, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner === process.getuid?.()) return;
  throw new FleetError(
    'precondition',
    `The fleet of ${varDir} belongs to another user (uid ${owner}).`,
    'Nothing was changed.',
    // What follows the command may hold a password.
    `sudo -u '#${owner}' npx fleet ${process.argv[2]}, with the rest as it was typed`,
  );
}

/** What holds after an interruption of the work does not hold before it. */
const orNothing =
  (stop?: AbortSignal) =>
  (error: unknown): never => {
    throw stop?.aborted ? new DOMException('Nothing was changed.', 'AbortError') : error;
  };

/** Runs work that changes the fleet while no other `fleet` command does. Throws an AbortError when told to stop before. */
export async function withLock<T>(varDir: string, work: () => Promise<T>, stop?: AbortSignal): Promise<T> {
  requireOwner(varDir);
  const file = join(varDir, 'fleet.lock');
  const waiting = setTimeout(() => {
    process.stderr.write('waiting for another fleet command to end ...\n');
  }, 500);
  const lock = await takeLock(file, stop)
    .catch(orNothing(stop))
    .finally(() => clearTimeout(waiting));
  if (!lock) throw cannotLock(file);
  try {
    return await work();
  } finally {
    lock.release();
  }
}
