import type { Freeze } from '../freezes';
import type { RecordLine } from '../line';

/** Without a call for this long an old server that otherwise has some every minute stands still. */
const SILENT_MS = 5 * 60_000;
const MINUTE_MS = 60_000;
const AT_ITS_END = 95;

/** Pure: the times in which a log is silent while all samples of CPU are at their end: the server computed and heard nobody. */
export function silencesOf(minutes: Set<number>, lines: RecordLine[]): Freeze[] {
  const sorted = [...minutes].sort((a, b) => a - b);
  return sorted.slice(1).flatMap((to, i) => {
    const from = sorted[i]! + MINUTE_MS;
    if (to - from < SILENT_MS) return [];
    const meanwhile = lines.filter(({ at, seconds }) => at - seconds * 1_000 >= from && at <= to);
    const pinned =
      meanwhile.length > 0 && meanwhile.every(({ cpuAverage }) => (cpuAverage ?? 0) >= AT_ITS_END);
    const server = meanwhile[0]?.server ?? '';
    return pinned ? [{ server, from, to, longestMs: to - from, missed: 0, computing: true }] : [];
  });
}
