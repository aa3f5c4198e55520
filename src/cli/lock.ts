import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError } from '../fleet/errors';

function cannotLock(varDir: string): FleetError {
  return new FleetError(
    'precondition',
    `The lock ${join(varDir, 'fleet.lock')} cannot be taken by this user.`,
    'Nothing was changed.',
    'type it as the user who started the fleet',
  );
}

/**
 * Runs work that changes the fleet while no other `fleet` command does. The lock is held by a small process
 * whose input ends with ours, so that it is free again however we end. Without flock(1) there is no lock.
 */
export async function withLock<T>(varDir: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(varDir, { recursive: true });
  const holder = spawn('flock', [join(varDir, 'fleet.lock'), 'sh', '-c', 'echo locked; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // Ctrl-C is for us: we still need the lock to undo
  });
  const waiting = setTimeout(() => {
    process.stderr.write('waiting for another fleet command to end ...\n');
  }, 500);
  const held = once(holder.stdout, 'data').then(() => true);
  const missing = once(holder, 'error').then(() => true);
  const refused = once(holder, 'exit').then(
    () => false,
    () => true,
  );
  const mayWork = await Promise.race([held, missing, refused]);
  clearTimeout(waiting);
  if (!mayWork) throw cannotLock(varDir);
  try {
    return await work();
  } finally {
    holder.stdin.end();
  }
}
