import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** A process as it is seen from outside, at one moment. */
export interface ProcessSample {
  pid: number;
  /** Tells it from a later process with the same pid. */
  start: number;
  /** Time it has computed since its start, user and system. */
  cpuMs: number;
  memoryBytes: number;
}

// USER_HZ: the same on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;

/** From /proc, where a frozen process shows too; undefined if it has ended, or on another system than Linux. */
export function sampleProcess(pid: number): (ProcessSample & { parent: number }) | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (resident === undefined) return undefined; // it has ended and waits to be collected
    // The name in parentheses may hold anything; after it come fields 3, 4 ... of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (number: number): number => Number(fields[number - 3]);
    const cpuMs = ((field(14) + field(15)) * 1_000) / TICKS_PER_SECOND;
    return { pid, parent: field(4), start: field(22), cpuMs, memoryBytes: Number(resident) * 1_024 };
  } catch {
    return undefined;
  }
}

/** When a process was started, in ms since 1970; undefined where `sampleProcess` is. */
export function startedAt(pid: number): number | undefined {
  const start = sampleProcess(pid)?.start;
  return start === undefined ? undefined : Date.now() - (uptime() - start / TICKS_PER_SECOND) * 1_000;
}
