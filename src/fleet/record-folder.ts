import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where the record of a fleet lies: a file for each day. */
export function recordFolder(varDir: string): string {
  return join(varDir, 'usage');
}

/** When the record was last written to, in ms since 1970; undefined if there is none. */
export function recordedAt(varDir: string): number | undefined {
  try {
    const folder = recordFolder(varDir);
    const files = readdirSync(folder).filter((name) => /^cpu-.*\.txt$/.test(name));
    const times = files.map((name) => statSync(join(folder, name)).mtimeMs);
    return times.length === 0 ? undefined : Math.max(...times);
  } catch {
    return undefined; // not there, or removed meanwhile
  }
}

const GRACE_MS = 10_000;

/** Pure: whether a monitor that runs since `startedAt` has written a line within its last two intervals. */
export function recordGoesOn(
  startedAt: number,
  recorded: number | undefined,
  intervalMs: number,
  now: number,
): boolean {
  const since = now - 2 * intervalMs - GRACE_MS;
  return startedAt >= since || (recorded ?? 0) >= since;
}
