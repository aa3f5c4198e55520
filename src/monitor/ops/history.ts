import type { HistoryPoint, Range } from '../../protocol/ops';
import { HOUR_MS } from '../../usage/hours';
import type { RecordLine } from '../line';
import type { HourRow } from '../report';
import { average, highest, nothing, sum } from './memory';

const MINUTE_MS = 60_000;

/** How far back a range goes, and in which steps. */
export const spans: Record<Range, { ms: number; stepMs: number }> = {
  hour: { ms: HOUR_MS, stepMs: MINUTE_MS / 2 },
  day: { ms: 24 * HOUR_MS, stepMs: 10 * MINUTE_MS },
  week: { ms: 7 * 24 * HOUR_MS, stepMs: HOUR_MS },
};

/** What is known of a time: as it was seen, as it was recorded, as it was counted. */
export interface Known {
  seen: HistoryPoint[];
  lines: RecordLine[];
  hours: HourRow[];
}

/**
 * Pure: a point for each step up to `to`. What was seen counts first; else the lines of the record that touch the step, and
 * the hour it lies in.
 */
export function historyOf({ seen, lines, hours }: Known, to: number, range: Range): HistoryPoint[] {
  const { ms, stepMs } = spans[range];
  const last = Math.ceil(to / stepMs) * stepMs;
  return Array.from({ length: ms / stepMs }, (_, i) => {
    const [from, until] = [last - ms + i * stepMs, last - ms + (i + 1) * stepMs];
    const now = joinedPoints(
      from,
      seen.filter(({ at }) => at > from && at <= until),
    );
    const then = recordedPoint(
      from,
      lines.filter((line) => line.at > from && line.at - line.seconds * 1_000 < until),
    );
    return filled(now, filled(then, countedPoint(from, hours, to)));
  });
}

/** Rates are averages, and so are levels; of the highest the highest. */
function joinedPoints(at: number, points: HistoryPoint[]): HistoryPoint {
  const of = (key: keyof HistoryPoint): number[] =>
    points.map((point) => point[key]).filter((value) => value !== null);
  return {
    at,
    calls: average(of('calls')),
    deliveries: average(of('deliveries')),
    cpuAverage: average(of('cpuAverage')),
    cpuMaximum: highest(of('cpuMaximum')),
    delayMaxMs: highest(of('delayMaxMs')),
    connections: average(of('connections')),
    redisCpu: average(of('redisCpu')),
    redisMemoryBytes: average(of('redisMemoryBytes')),
  };
}

function recordedPoint(at: number, lines: RecordLine[]): HistoryPoint {
  const of = (key: 'cpuAverage' | 'cpuMaximum' | 'loopDelayMaxMs'): number[] =>
    lines.map((line) => line[key]).filter((value) => value !== null);
  const servers = [...new Set(lines.map(({ server }) => server))];
  const connections = servers.flatMap((server) => {
    const own = lines.filter((line) => line.server === server).map((line) => line.connections);
    return average(own.filter((count) => count !== null)) ?? [];
  });
  return {
    ...nothing(at),
    cpuAverage: average(of('cpuAverage')),
    cpuMaximum: highest(of('cpuMaximum')),
    delayMaxMs: highest(of('loopDelayMaxMs')),
    connections: sum(connections),
  };
}

/** The hour's rate; of the running one that of its part so far. */
function countedPoint(at: number, hours: HourRow[], to: number): HistoryPoint {
  const row = hours.find(({ hour }) => at >= hour && at < hour + HOUR_MS);
  if (!row) return nothing(at);
  const seconds = Math.max(1, (Math.min(to, row.hour + HOUR_MS) - row.hour) / 1_000);
  const rate = (count: number | null): number | null => (count === null ? null : count / seconds);
  return { ...nothing(at), calls: rate(row.calls), deliveries: rate(row.deliveries) };
}

/** What the first does not know, the second may. */
function filled(first: HistoryPoint, second: HistoryPoint): HistoryPoint {
  const keys = Object.keys(first) as (keyof HistoryPoint)[];
  return Object.fromEntries(keys.map((key) => [key, first[key] ?? second[key]])) as unknown as HistoryPoint;
}
