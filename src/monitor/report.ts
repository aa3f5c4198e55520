import { HOUR_MS, hourOf, hoursBetween, type Totals } from '../usage/hours';
import type { HourUsage } from '../usage/reader';
import type { RecordLine } from './line';

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
  /** Lines that should be there, between the first and the last one of their server. */
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
  /** Whether there is any line of the record. */
  record: boolean;
  hours: HourRow[];
  /** Hours of a peak, joined: from the start of the first to the end of the last. */
  peaks: { from: number; to: number }[];
}

export interface Evidence {
  from: number;
  to: number;
  /** undefined: Redis does not answer. */
  usage: HourUsage[] | undefined;
  lines: RecordLine[];
  /** How often a line is expected of each server. */
  intervalMs: number;
}

/** Share of the maximum of the whole report from which on an hour belongs to a peak. */
const PEAK = 0.75;
/** A CPU that never gets above this, in percent, has no peaks: an idle fleet is not busy at its busiest. */
const IDLE = 10;

/** Pure: lays the counters and the record side by side, hour by hour. */
export function reportOf({ from, to, usage, lines, intervalMs }: Evidence): UsageReport {
  const absent = absentByHour(lines, intervalMs);
  const rows = hoursBetween(from, to).map((hour) => {
    const totals = usage && (usage.find((each) => each.hour === hour)?.totals ?? {});
    const ofHour = lines.filter(({ at }) => hourOfLine(at) === hour);
    return {
      hour,
      ...counted(totals),
      cpu: cpuOf(ofHour),
      samples: ofHour.length,
      unanswered: ofHour.filter(({ state }) => state === 'no answer').length,
      absent: absent.get(hour) ?? 0,
    };
  });
  const hours = markPeaks(rows);
  const [counters, record] = [usage !== undefined, lines.length > 0];
  return { schema: 'fleet.report/1', from, to, counters, record, hours, peaks: peaksOf(hours) };
}

/** A line tells of the time before it. */
const hourOfLine = (at: number): number => hourOf(at - 1);

function counted(totals: Totals | undefined): Pick<HourRow, 'calls' | 'deliveries' | 'connects' | 'events'> {
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
  const known = lines.flatMap(({ server, cpuAverage, cpuMaximum }) =>
    cpuAverage === null || cpuMaximum === null ? [] : [{ server, cpuAverage, cpuMaximum }],
  );
  if (known.length === 0) return null;
  const average = (of: typeof known): number =>
    of.reduce((sum, { cpuAverage }) => sum + cpuAverage, 0) / of.length;
  const servers = [...new Set(known.map(({ server }) => server))].map((server) => ({
    server,
    average: average(known.filter((line) => line.server === server)),
  }));
  return {
    average: average(known),
    maximum: Math.max(...known.map(({ cpuMaximum }) => cpuMaximum)),
    busiest: servers.reduce((a, b) => (b.average > a.average ? b : a)),
  };
}

/** A missing line is a finding: nobody looked, or nobody could write. */
function absentByHour(lines: RecordLine[], intervalMs: number): Map<number, number> {
  const absent = new Map<number, number>();
  for (const server of new Set(lines.map((line) => line.server))) {
    const slots = lines.filter((line) => line.server === server).map(({ at }) => Math.ceil(at / intervalMs));
    const present = new Set(slots);
    for (let slot = slots[0]!; slot < slots.at(-1)!; slot++) {
      if (present.has(slot)) continue;
      const hour = hourOfLine(slot * intervalMs);
      absent.set(hour, (absent.get(hour) ?? 0) + 1);
    }
  }
  return absent;
}

function markPeaks(rows: Omit<HourRow, 'peak'>[]): HourRow[] {
  const busy = ({ cpu }: Omit<HourRow, 'peak'>): number => cpu?.busiest.average ?? 0;
  const mostCalls = Math.max(0, ...rows.map(({ calls }) => calls ?? 0));
  const mostBusy = Math.max(0, ...rows.map(busy));
  return rows.map((row) => {
    const byCalls = mostCalls > 0 && (row.calls ?? 0) >= PEAK * mostCalls;
    const byCpu = mostBusy > IDLE && busy(row) >= PEAK * mostBusy;
    return { ...row, peak: byCalls || byCpu };
  });
}

function peaksOf(hours: HourRow[]): UsageReport['peaks'] {
  const peaks: UsageReport['peaks'] = [];
  for (const { hour } of hours.filter(({ peak }) => peak)) {
    const last = peaks.at(-1);
    if (last?.to === hour) last.to += HOUR_MS;
    else peaks.push({ from: hour, to: hour + HOUR_MS });
  }
  return peaks;
}
