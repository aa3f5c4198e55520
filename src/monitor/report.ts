import { HOUR_MS, hoursBetween, type Totals } from '../usage/hours';
import type { HourUsage } from '../usage/reader';
import { absentByHour, hourOfLine, type Expected } from './absent';
import type { RecordLine } from './line';
import { freezesOf, type Freeze } from './freezes';
import { analyse, type Analysis } from './model/analysis';
import { observationsOf } from './model/hours';
import type { CpuOf } from './model/need';
import { loads, type Load } from './model/observation';
import { markPeaks, peaksOf } from './peaks';

/** CPU in percent of one core. */
export interface HourCpu {
  /** Over all servers. */
  average: number;
  /** The highest that any server had between two probes. */
  maximum: number;
  /** The server with the highest average. */
  busiest: { server: string; average: number };
  /** Of all servers together. */
  total: number;
  /** Servers of which CPU is known, on average over the time looked at. */
  servers: number;
  /** How much of the hour was looked at. */
  seconds: number;
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
  /** The files that were read, instead of what a fleet knows of itself, and the zone of times without an offset. */
  files?: { names: string[]; zone: string };
  /** Whether there is any line of the record. */
  record: boolean;
  hours: HourRow[];
  /** Hours of a peak, joined: from the start of the first to the end of the last. */
  peaks: { from: number; to: number }[];
  /** Times in which a server stood still. */
  freezes: Freeze[];
  /** What all hours say together. */
  analysis: Analysis;
}

export interface Evidence extends Omit<Expected, 'busy'> {
  from: number;
  to: number;
  /** undefined: Redis does not answer; `problem` may say why. */
  usage: HourUsage[] | undefined;
  problem?: string | undefined;
  lines: RecordLine[];
  /** Cores of the machine that the servers run on, if known. */
  cores: number | null;
  /** What was read from files: where it differs from what a fleet knows of itself. */
  files?: FromFiles | undefined;
}

/** What files tell of a server that is not ours. */
export interface FromFiles {
  names: string[];
  /** Of times that named no offset. */
  zone: string;
  /** Loads that were counted; none: there is no file of calls. */
  counted: Load[];
  /** The time over which they were; before and after it nothing is known. */
  countedFrom: number;
  countedTo: number;
  cpuOf: CpuOf;
  /** Times without a call while CPU was at its end. */
  silences: Freeze[];
}

/** Pure: lays the counters and the record side by side, hour by hour. */
export function reportOf(evidence: Evidence): UsageReport {
  const { from, to, usage, problem, lines, files, ...expected } = evidence;
  const totalsOf = new Map(usage?.map(({ hour, totals }) => [hour, totals]));
  const busy = (hour: number): boolean => Object.values(totalsOf.get(hour) ?? {}).some((total) => total > 0);
  const absent = absentByHour(lines, { ...expected, busy });
  const linesOf = byHour(lines);
  const hours = markPeaks(
    hoursBetween(from, to).map((hour) => ({
      hour,
      ...(isCounted(hour, files) ? counted(usage && (totalsOf.get(hour) ?? {}), files?.counted) : uncounted),
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
    ...(files && { files: { names: files.names, zone: files.zone } }),
    record: lines.length > 0,
    hours,
    peaks: peaksOf(hours),
    freezes: files && files.silences.length > 0 ? files.silences : freezesOf(lines),
    analysis: analyse(observationsOf(hours, files?.countedFrom ?? from, files?.countedTo ?? to), {
      of: files?.cpuOf ?? 'server',
      limit: files?.cpuOf === 'host' ? 100 * (evidence.cores ?? 1) : 100,
      cores: evidence.cores,
      servers: files ? 0 : Math.max(1, evidence.planned.length),
    }),
  };
}

function isCounted(hour: number, files: FromFiles | undefined): boolean {
  return files === undefined || (hour + HOUR_MS > files.countedFrom && hour < files.countedTo);
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

const uncounted: Counted = { calls: null, deliveries: null, connects: null, events: null };

function counted(totals: Totals | undefined, known: readonly Load[] = loads): Counted {
  if (!totals) return uncounted;
  const calls = Object.entries(totals).filter(([what]) => what.startsWith('calls.'));
  const of = (load: Load, total: number): number | null => (known.includes(load) ? total : null);
  return {
    calls: of(
      'calls',
      calls.reduce((sum, [, total]) => sum + total, 0),
    ),
    deliveries: of('deliveries', totals['deliveries'] ?? 0),
    connects: of('connects', totals['connects'] ?? 0),
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
  const seconds = lookedAt(lines.filter(({ cpuAverage }) => cpuAverage !== null));
  const weights = known.reduce((sum, line) => sum + weightOf(line), 0);
  const running = weights / Math.max(1, seconds);
  const mean = average(known);
  return {
    average: mean,
    total: mean * running,
    servers: running,
    seconds,
    maximum: known.reduce((most, { cpuMaximum }) => Math.max(most, cpuMaximum), 0),
    busiest: servers.reduce((a, b) => (b.average > a.average ? b : a)),
  };
}

/** A line weighs as much as it looked at: two seconds of `fleet sample` are not five minutes of the monitor. */
function average(lines: { cpuAverage: number; seconds: number }[]): number {
  const total = lines.reduce((sum, line) => sum + weightOf(line), 0);
  return lines.reduce((sum, line) => sum + line.cpuAverage * weightOf(line), 0) / total;
}

function weightOf({ seconds }: { seconds: number }): number {
  return Math.max(1, seconds);
}

/** Lines of one moment, which follow each other, looked at the same time. */
function lookedAt(lines: RecordLine[]): number {
  let [sum, at, longest] = [0, NaN, 0];
  for (const line of lines) {
    if (line.at !== at) [sum, at, longest] = [sum + longest, line.at, 0];
    longest = Math.max(longest, weightOf(line));
  }
  return sum + longest;
}
