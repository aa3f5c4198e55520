import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

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
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'error').catch(() => undefined)]);
  clearTimeout(waiting);
  try {
    return await work();
  } finally {
    holder.stdin.end();
  }
}
