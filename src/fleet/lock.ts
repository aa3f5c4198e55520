import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Lock {
  release: () => void;
}

/**
 * Waits for a lock between processes and takes it; undefined when this user may not. It is held by a small process
 * whose input ends with ours, so that it is free again however we end. Without flock(1) there is no lock, and
 * everybody gets it. Throws the reason of `stop` when told to stop while it waits.
 */
export async function takeLock(file: string, stop?: AbortSignal): Promise<Lock | undefined> {
  stop?.throwIfAborted();
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // Ctrl-C is for us: we still need the lock to undo
  });
  holder.stdin.on('error', () => undefined);
  const lock = { release: (): void => void holder.stdin.end() };
  const held = once(holder.stdout, 'data').then(() => lock);
  const missing = once(holder, 'error').then(() => lock);
  const refused = once(holder, 'exit').then(
    () => undefined,
    () => lock,
  );
  const waiting = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      lock.release();
      holder.kill();
      reject(stop!.reason as Error);
    };
    stop?.addEventListener('abort', giveUp, { signal: waiting.signal });
  });
  return Promise.race([held, missing, refused, stopped]).finally(() => waiting.abort());
}
