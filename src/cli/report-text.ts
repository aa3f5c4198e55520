import { localDate, localTime } from '../monitor/local-time';
import type { HourRow, UsageReport } from '../monitor/report';
import { table } from './table';

const HOURS_OF_A_DAY = 24;
const BAR = 10;

const head = [
  ...['HOUR', 'CALLS', '', 'DELIVERIES', 'CONNECTS', 'CPU avg', 'max', '', 'BUSIEST SERVER', 'MISSING', ''],
];
const words = new Set([0, 2, 7, 8, 10]);

/** What a full step of a bar is drawn with: not every terminal has blocks. */
export type BarMark = '█' | '#';

/** Pure but for the time zone: the report as people read it. Hours before anything is known are left out. */
export function reportText(report: UsageReport, mark: BarMark): string {
  const known = report.hours.findIndex(({ calls, samples }) => (calls ?? 0) > 0 || samples > 0);
  const hours = report.hours.slice(Math.max(0, known));
  const label = hours.length > HOURS_OF_A_DAY ? dayAndTime : localTime;
  const most = Math.max(1, ...hours.map(({ calls }) => calls ?? 0));
  const rows = hours.map((row) => hourRow(row, label, most, mark));
  return [
    `${dayAndTime(hours[0]!.hour)} to ${dayAndTime(report.to)}, ${zone()}`,
    '',
    ...table([head, ...rows, totalRow(hours)], words),
    '',
    ...remarks(report, label),
    '',
  ].join('\n');
}

function hourRow(row: HourRow, label: (at: number) => string, most: number, mark: BarMark): string[] {
  const { calls, deliveries, connects, cpu } = row;
  return [
    label(row.hour),
    show(calls, grouped),
    bar((calls ?? 0) / most, mark),
    show(deliveries, grouped),
    show(connects, grouped),
    show(cpu?.average, percent),
    show(cpu?.maximum, percent),
    bar((cpu?.busiest.average ?? 0) / 100, mark),
    cpu ? `${cpu.busiest.server} ${percent(cpu.busiest.average)}` : '-',
    row.samples === 0 ? '-' : grouped(row.unanswered + row.absent),
    row.peak ? '< peak' : '',
  ];
}

function totalRow(hours: HourRow[]): string[] {
  const sum = (key: 'calls' | 'deliveries' | 'connects'): string =>
    hours.some((row) => row[key] === null)
      ? '-'
      : grouped(hours.reduce((total, row) => total + (row[key] ?? 0), 0));
  return ['total', sum('calls'), '', sum('deliveries'), sum('connects')];
}

function remarks({ peaks, counters, record, hours }: UsageReport, label: (at: number) => string): string[] {
  const span = ({ from, to }: { from: number; to: number }): string =>
    to - from > 3_600_000 ? `${label(from)}-${localTime(to)}` : label(from);
  const unanswered = hours.reduce((sum, row) => sum + row.unanswered, 0);
  const absent = hours.reduce((sum, row) => sum + row.absent, 0);
  return [
    peaks.length === 0 ? '' : `Peak: ${peaks.map(span).join(', ')}`,
    unanswered === 0 ? '' : `${unanswered} samples had no answer: a server was frozen, or did not run.`,
    absent === 0 ? '' : `${absent} samples were not taken, or could not be written.`,
    counters
      ? ''
      : 'Redis does not answer: calls, deliveries and connects are not known. Next: npx fleet status',
    record ? '' : 'The record has no lines of these hours: CPU is not known. Next: npx fleet sample',
  ].filter((line) => line !== '');
}

function bar(share: number, mark: BarMark): string {
  return mark.repeat(Math.max(share > 0 ? 1 : 0, Math.round(Math.min(1, share) * BAR)));
}

function dayAndTime(at: number): string {
  return `${localDate(at)} ${localTime(at)}`;
}

function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(value: number): string {
  return `${value < 10 && value > 0 ? value.toFixed(1) : Math.round(value)} %`;
}

function show(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '-' : format(value);
}
