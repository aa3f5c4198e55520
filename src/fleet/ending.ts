import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './processes';

const LOOK_EVERY_MS = 50;

/** Waits until something is true; returns whether it became so in time. */
export async function becomes(test: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (!test()) {
    if (Date.now() > deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

export function signal(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // it ended by itself meanwhile
    }
  }
}

/** Asks processes to end, and kills those that have not ended in time. */
export async function endProcesses(pids: number[], withinMs: number): Promise<void> {
  signal(pids, 'SIGTERM');
  if (await becomes(() => !pids.some(isAlive), withinMs)) return;
  signal(pids.filter(isAlive), 'SIGKILL');
  await becomes(() => !pids.some(isAlive), withinMs);
}
