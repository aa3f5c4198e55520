import { setTimeout as sleep } from 'node:timers/promises';
import { now } from './journal';

/** Waits for a planned instant (clock of journals); one that has passed is not waited for. */
export async function reach(instant: number): Promise<void> {
  const left = instant - now();
  if (left > 0) await sleep(left);
}

/** Waits until the condition holds, at most `withinMs`. Returns whether it holds. */
export async function waitUntil(condition: () => boolean, withinMs: number): Promise<boolean> {
  const deadline = now() + withinMs;
  while (!condition()) {
    if (now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
