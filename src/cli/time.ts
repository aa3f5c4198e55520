import { InvalidArgumentError } from 'commander';
import { localDate } from '../monitor/local-time';

const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `1h` or `7d` in ms. Throws InvalidArgumentError. */
export function timeSpan(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('A time such as 90s, 15m, 1h or 7d is needed.');
  return Number(count) * UNITS[unit]!;
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ]([01]\d|2[0-3]):([0-5]\d))?$/;

/**
 * Pure but for the time zone: 2026-11-22 or 2026-11-22T10:00 as people here mean it, in ms since 1970; a day alone is
 * its start, or its `end`. Undefined if it is neither, or there is no such day.
 */
export function timeOf(text: string, end: boolean): number | undefined {
  const [, date, hours, minutes] = MOMENT.exec(text) ?? [];
  if (date === undefined) return undefined;
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const at = (days: number): number =>
    new Date(year, month - 1, day + days, Number(hours ?? 0), Number(minutes ?? 0)).getTime();
  if (localDate(at(0)) !== date) return undefined;
  // Not 24 hours later: a day on which the clock changes has 23 or 25.
  return at(end && hours === undefined ? 1 : 0);
}
