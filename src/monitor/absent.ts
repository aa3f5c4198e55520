import { hourOf } from '../usage/hours';
import type { RecordLine } from './line';

/** What lines should be there. Times in ms since 1970. */
export interface Expected {
  /** Servers of the plan: a line of theirs is due at each interval. */
  planned: string[];
  intervalMs: number;
  /** Up to here lines must be written by now. */
  due: number;
  /** Whether anything was counted in an hour: without that, an hour in which nobody wrote is one of a fleet at rest. */
  busy: (hour: number) => boolean;
}

/** A line tells of the time before it. */
export const hourOfLine = (at: number): number => hourOf(at - 1);

/**
 * Pure: how many lines are missing in each hour, which is a finding: nobody looked, or nobody could write. Counted
 * are the intervals that no line of a server touches, from its first line on: up to now if it is planned, else up to
 * its last one.
 */
export function absentByHour(
  lines: RecordLine[],
  { planned, intervalMs, due, busy }: Expected,
): Map<number, number> {
  const absent = new Map<number, number>();
  const anybody = new Set<number>();
  const byServer = new Map<string, Set<number>>();
  for (const line of lines) {
    const own = byServer.get(line.server) ?? new Set();
    byServer.set(line.server, own);
    const last = Math.ceil(line.at / intervalMs);
    const first = Math.min(last, Math.floor((line.at - line.seconds * 1_000) / intervalMs) + 1);
    for (let slot = first; slot <= last; slot++) {
      own.add(slot);
      anybody.add(slot);
    }
  }
  for (const [server, own] of byServer) {
    const [first, last] = ends(own);
    const end = planned.includes(server) ? Math.floor(due / intervalMs) : last;
    for (let slot = first; slot <= end; slot++) {
      const hour = hourOfLine(slot * intervalMs);
      if (own.has(slot) || !(anybody.has(slot) || busy(hour))) continue;
      absent.set(hour, (absent.get(hour) ?? 0) + 1);
    }
  }
  return absent;
}

function ends(slots: Set<number>): [number, number] {
  let [first, last] = [Infinity, -Infinity];
  for (const slot of slots) [first, last] = [Math.min(first, slot), Math.max(last, slot)];
  return [first, last];
}
