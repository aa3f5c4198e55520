import { isKnown } from '../../monitor/peaks';
import type { HourRow, UsageReport } from '../../monitor/report';
import { en, type Words } from '../../monitor/words/en';
import { delay, grouped } from '../../monitor/words/figures';
import { labelOf, spanOf, type Label } from '../../monitor/words/labels';
import { remarkLines } from '../../monitor/words/remarks';
import { verdictLines } from '../../monitor/words/verdict';
import { HOUR_MS } from '../../usage/hours';
import { percent, show, table } from '../table';
import { bar, sparkline, type BarMark } from './bars';

/** Columns of words, and of bars. */
const wordColumns = new Set([0, 2, 7, 8, 12]);

/** Pure but for the time zone: the report as people read it. Hours before anything is known are left out. */
export function reportText(report: UsageReport, mark: BarMark, words: Words = en): string {
  const hours = report.hours.slice(Math.max(0, report.hours.findIndex(isKnown)));
  const label = labelOf(hours);
  const rows = hourTable(hours, report.to, mark, words);
  return [
    spanOf(hours, report.to, words),
    '',
    ...table(report.files ? withoutUnknown(rows) : rows, wordColumns),
    '',
    ...sparklines(hours, mark, words),
    '',
    ...remarkLines(report, words, label),
    '',
    ...verdictLines(report.analysis, words, label),
    '',
  ].join('\n');
}

/** Pure but for the time zone: names of the columns, a row for each hour, and the total; without a mark no bars. */
export function hourTable(hours: HourRow[], to: number, mark: BarMark | '', words: Words): string[][] {
  const label = labelOf(hours);
  const most = Math.max(1, ...hours.map(({ calls }) => calls ?? 0));
  const rows = hours.map((row) => hourRow(row, rowLabel(row, to, label, words), most, mark, words));
  return [headOf(words), ...rows, totalRow(hours, words)];
}

/** A column that nothing is known of is left empty: files seldom know them all. */
function withoutUnknown(rows: string[][]): string[][] {
  const isUnknown = rows[0]!.map((_, column) =>
    rows.slice(1).every((row) => ['-', '', undefined].includes(row[column])),
  );
  return rows.map((row) => row.map((cell, column) => (isUnknown[column] ? '' : cell)));
}

function headOf({ head }: Words): string[] {
  const { hour, calls, deliveries, connects, cpu, max, busiest, delay: late, missed, absent } = head;
  return [hour, calls, '', deliveries, connects, cpu, max, '', busiest, late, missed, absent, ''];
}

function rowLabel({ hour }: HourRow, to: number, label: Label, { soFar }: Words): string {
  return hour + HOUR_MS > to ? `${label(hour)} ${soFar}` : label(hour);
}

function hourRow(row: HourRow, label: string, most: number, mark: BarMark | '', { peak }: Words): string[] {
  const { calls, deliveries, connects, cpu, samples, absent } = row;
  return [
    label,
    show(calls, grouped),
    bar((calls ?? 0) / most, mark),
    show(deliveries, grouped),
    show(connects, grouped),
    show(cpu?.average, percent),
    show(cpu?.maximum, percent),
    bar((cpu?.busiest.average ?? 0) / 100, mark),
    cpu ? `${cpu.busiest.server} ${percent(cpu.busiest.average)}` : '-',
    show(row.loopDelayMaxMs, delay),
    samples === 0 ? '-' : grouped(row.missed),
    samples + absent === 0 ? '-' : grouped(absent),
    row.peak ? `< ${peak}` : '',
  ];
}

function totalRow(hours: HourRow[], { total: name }: Words): string[] {
  const sum = (key: 'calls' | 'deliveries' | 'connects'): string =>
    hours.some((row) => row[key] === null)
      ? '-'
      : grouped(hours.reduce((total, row) => total + (row[key] ?? 0), 0));
  return [name, sum('calls'), '', sum('deliveries'), sum('connects')];
}

function sparklines(hours: HourRow[], mark: BarMark, { load, head }: Words): string[] {
  const rows: [string, (number | null)[]][] = [
    [load.calls, hours.map(({ calls }) => calls)],
    [load.deliveries, hours.map(({ deliveries }) => deliveries)],
    [head.cpu, hours.map(({ cpu }) => cpu?.average ?? null)],
    [head.delay, hours.map(({ loopDelayMaxMs }) => loopDelayMaxMs)],
  ];
  const known = rows.filter(([, values]) => values.some((value) => value !== null));
  return table(known.map(([name, values]) => [name, sparkline(values, mark)]), new Set([0, 1])); // prettier-ignore
}
