import { availableParallelism } from 'node:os';
import type { RecordLine } from '../../src/monitor/line';
import { reportOf, type UsageReport } from '../../src/monitor/report';
import { HOUR_MS, type Totals } from '../../src/usage/hours';
import { monday } from './weeks';

/** What was counted and recorded in a short time of steady load. ms since 1970. */
export interface Period {
  from: number;
  to: number;
  counted: Totals;
  lines: RecordLine[];
}

/**
 * The report of a fleet in which each of these periods had gone on for an hour: counts are multiplied, and the lines
 * of the record, which say how much of a core was used, stand for as much more time.
 */
export function reportOfPeriods(periods: Period[], servers: string[], lineMs: number): UsageReport {
  const hours = periods.map((period, i) => ({
    ...period,
    hour: monday + i * HOUR_MS,
    times: timesOf(period),
  }));
  const to = monday + periods.length * HOUR_MS;
  return reportOf({
    from: monday,
    to,
    usage: hours.map(({ hour, counted, times }) => ({ hour, totals: multiplied(counted, times) })),
    lines: hours.flatMap(({ hour, from, lines, times }) =>
      lines.map((line) => ({
        ...line,
        at: hour + (line.at - from) * times,
        seconds: line.seconds * times,
      })),
    ),
    planned: servers,
    intervalMs: lineMs * timesOf(periods[0]!),
    due: to,
    cores: availableParallelism(),
  });
}

const timesOf = ({ from, to }: Period): number => HOUR_MS / (to - from);

function multiplied(totals: Totals, times: number): Totals {
  return Object.fromEntries(Object.entries(totals).map(([what, total]) => [what, total * times]));
}

/** What was counted between. */
export function grown(before: Totals, after: Totals): Totals {
  return Object.fromEntries(
    Object.entries(after).map(([what, total]) => [what, total - (before[what] ?? 0)]),
  );
}
