import { HOUR_MS } from '../usage/hours';
import type { HourRow } from './report';

type Row = Omit<HourRow, 'peak'>;

/** Share of the maximum of the whole report from which on an hour belongs to a peak. */
const PEAK = 0.75;
/** A peak stands out: it is that many times the average of all hours since anything is known. */
const ABOVE_AVERAGE = 1.25;
/** Below these the busiest hour of a fleet is not busy: calls an hour, CPU in percent. */
const IDLE_CALLS = 60;
const IDLE_CPU = 10;

/** Pure: marks the hours of the most calls and of the highest CPU. */
export function markPeaks(rows: Row[]): HourRow[] {
  const calls = threshold(rows, ({ calls }) => calls ?? 0, IDLE_CALLS);
  const cpu = threshold(rows, busiest, IDLE_CPU);
  return rows.map((row) => ({ ...row, peak: (row.calls ?? 0) >= calls || busiest(row) >= cpu }));
}

/** Pure: hours of a peak, joined: from the start of the first to the end of the last. */
export function peaksOf(hours: HourRow[]): { from: number; to: number }[] {
  const peaks: { from: number; to: number }[] = [];
  for (const { hour } of hours.filter(({ peak }) => peak)) {
    const last = peaks.at(-1);
    if (last?.to === hour) last.to += HOUR_MS;
    else peaks.push({ from: hour, to: hour + HOUR_MS });
  }
  return peaks;
}

const busiest = ({ cpu }: Row): number => cpu?.busiest.average ?? 0;

function threshold(rows: Row[], of: (row: Row) => number, idle: number): number {
  const values = rows.map(of);
  const known = values.slice(Math.max(0, rows.findIndex(isKnown)));
  const average = known.reduce((sum, value) => sum + value, 0) / known.length;
  const most = Math.max(0, ...values);
  return most <= idle ? Infinity : Math.max(PEAK * most, ABOVE_AVERAGE * average);
}

/** Pure: whether anything was counted or recorded in an hour. */
export function isKnown({ calls, samples }: Row): boolean {
  return (calls ?? 0) > 0 || samples > 0;
}
