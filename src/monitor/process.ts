import { readFileSync } from 'node:fs';
import { listenersOn } from '../fleet/processes';
import type { ServerStats } from '../protocol/stats';

/** A process as it is seen from outside, at one moment. */
export interface ProcessSample {
  pid: number;
  /** Tells it from a later process with the same pid. */
  start: number;
  /** Time it has computed since its start. */
  cpuMs: number;
  memoryBytes: number;
}

// USER_HZ: the same on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;

/**
 * The process of a server: of which it told the pid, which it had before, or which holds its port. On Linux from
 * /proc, where a frozen process shows too; elsewhere only what the server says itself.
 */
export function processOf(
  port: number,
  stats: ServerStats | undefined,
  before: ProcessSample | undefined,
): ProcessSample | undefined {
  if (process.platform !== 'linux') return stats && toldBy(stats);
  if (stats) return readProcess(stats.pid);
  const known = before && readProcess(before.pid);
  if (known && known.start === before.start) return known;
  const [holder] = listenersOn(port);
  return holder === undefined ? undefined : readProcess(holder);
}

function toldBy({ pid, startedAt, cpuMicros, memoryBytes }: ServerStats): ProcessSample {
  return { pid, start: startedAt, cpuMs: cpuMicros / 1_000, memoryBytes };
}

function readProcess(pid: number): ProcessSample | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (resident === undefined) return undefined; // it has ended and waits to be collected
    // The name in parentheses may hold anything; after it come fields 3, 4 ... of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (number: number): number => Number(fields[number - 3]);
    const cpuMs = ((field(14) + field(15)) * 1_000) / TICKS_PER_SECOND;
    return { pid, start: field(22), cpuMs, memoryBytes: Number(resident) * 1_024 };
  } catch {
    return undefined;
  }
}
