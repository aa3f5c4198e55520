import { hoursBetween, type Totals } from '../usage/hours';
import type { HourUsage } from '../usage/reader';
import { absentByHour, hourOfLine, type Expected } from './absent';
import type { RecordLine } from './line';
import { markPeaks, peaksOf } from './peaks';

/** CPU in percent of one core. */
export interface HourCpu {
  /** Over all servers. */
  average: number;
  /** The highest that any server had between two probes. */
  maximum: number;
  /** The server with the highest average. */
  busiest: { server: string; average: number };
}

/** One hour of the report. null: not known. */
export interface HourRow {
  /** Start, ms since 1970. */
  hour: number;
  calls: number | null;
  deliveries: number | null;
  connects: number | null;
  /** Calls by the name of the event. */
  events: Totals | null;
  cpu: HourCpu | null;
  /** Lines of the record. */
  samples: number;
  /** Lines that say "no answer". */
  unanswered: number;
  /** Probes that had no answer. */
  missed: number;
  /** The longest that any event loop was late. */
  loopDelayMaxMs: number | null;
  /** Lines that should be there, from the first one of their server on. */
  absent: number;
  peak: boolean;
}

/** The object that `fleet report --json` prints. Fields are only ever added. */
export interface UsageReport {
  schema: 'fleet.report/1';
  /** The time reported on, ms since 1970. */
  from: number;
  to: number;
  /** Whether Redis answered; without it there are no calls, deliveries and connects. */
  counters: boolean;
  /** What Redis, or the way to it, says, if there are no counters. */
  problem?: string;
  /** Whether there is any line of the record. */
  record: boolean;
  hours: HourRow[];
  /** Hours of a peak, joined: from the start of the first to the end of the last. */
  peaks: { from: number; to: number }[];
}

export interface Evidence extends Omit<Expected, 'busy'> {
  from: number;
  to: number;
  /** undefined: Redis does not answer; `problem` may say why. */
  usage: HourUsage[] | undefined;
  problem?: string | undefined;
  lines: RecordLine[];
}

/** Pure: lays the counters and the record side by side, hour by hour. */
export function reportOf({ from, to, usage, problem, lines, ...expected }: Evidence): UsageReport {
  const totalsOf = new Map(usage?.map(({ hour, totals }) => [hour, totals]));
  const busy = (hour: number): boolean => Object.values(totalsOf.get(hour) ?? {}).some((total) => total > 0);
  const absent = absentByHour(lines, { ...expected, busy });
  const linesOf = byHour(lines);
  const hours = markPeaks(
    hoursBetween(from, to).map((hour) => ({
      hour,
      ...counted(usage && (totalsOf.get(hour) ?? {})),
      ...recorded(linesOf.get(hour) ?? []),
      absent: absent.get(hour) ?? 0,
    })),
  );
  return {
    schema: 'fleet.report/1',
    from,
    to,
    counters: usage !== undefined,
    ...(problem !== undefined && { problem }),
    record: lines.length > 0,
    hours,
    peaks: peaksOf(hours),
  };
}

function byHour(lines: RecordLine[]): Map<number, RecordLine[]> {
  const hours = new Map<number, RecordLine[]>();
  for (const line of lines) {
    const hour = hourOfLine(line.at);
    const some = hours.get(hour) ?? [];
    hours.set(hour, some);
    some.push(line);
  }
  return hours;
}

function recorded(lines: RecordLine[]): Omit<HourRow, 'hour' | 'absent' | 'peak' | keyof Counted> {
  return {
    cpu: cpuOf(lines),
    samples: lines.length,
    unanswered: lines.filter(({ state }) => state === 'no answer').length,
    missed: lines.reduce((sum, { missed }) => sum + missed, 0),
    loopDelayMaxMs: lines.reduce<number | null>(
      (most, { loopDelayMaxMs: delay }) => (delay === null ? most : Math.max(delay, most ?? 0)),
      null,
    ),
  };
}

type Counted = Pick<HourRow, 'calls' | 'deliveries' | 'connects' | 'events'>;

function counted(totals: Totals | undefined): Counted {
  if (!totals) return { calls: null, deliveries: null, connects: null, events: null };
  const calls = Object.entries(totals).filter(([what]) => what.startsWith('calls.'));
  return {
    calls: calls.reduce((sum, [, total]) => sum + total, 0),
    deliveries: totals['deliveries'] ?? 0,
    connects: totals['connects'] ?? 0,
    events: Object.fromEntries(calls.map(([what, total]) => [what.slice('calls.'.length), total])),
  };
}

function cpuOf(lines: RecordLine[]): HourCpu | null {
  const known = lines.flatMap(({ server, cpuAverage, cpuMaximum, seconds }) =>
    cpuAverage === null || cpuMaximum === null ? [] : [{ server, cpuAverage, cpuMaximum, seconds }],
  );
  if (known.length === 0) return null;
  const servers = [...new Set(known.map(({ server }) => server))].map((server) => ({
    server,
    average: average(known.filter((line) => line.server === server)),
  }));
  return {
    average: average(known),
    maximum: known.reduce((most, { cpuMaximum }) => Math.max(most, cpuMaximum), 0),
    busiest: servers.reduce((a, b) => (b.average > a.average ? b : a)),
  };
}

/** A line weighs as much as it looked at: two seconds of `fleet sample` are not five minutes of the monitor. */
function average(lines: { cpuAverage: number; seconds: number }[]): number {
  const weight = ({ seconds }: { seconds: number }): number => Math.max(1, seconds);
  const total = lines.reduce((sum, line) => sum + weight(line), 0);
  return lines.reduce((sum, line) => sum + line.cpuAverage * weight(line), 0) / total;
}
