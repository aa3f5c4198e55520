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

/** Runs work that changes the fleet while no other `fleet` command does. */
export async function withLock<T>(varDir: string, work: () => Promise<T>): Promise<T> {
  const file = join(varDir, 'fleet.lock');
  const waiting = setTimeout(() => {
    process.stderr.write('waiting for another fleet command to end ...\n');
  }, 500);
  const lock = await takeLock(file);
  clearTimeout(waiting);
  if (!lock) throw cannotLock(file);
  try {
    return await work();
  } finally {
    lock.release();
  }
}
