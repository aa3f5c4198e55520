import { localDate, localIso, localTime } from '../monitor/local-time';
import { isKnown } from '../monitor/peaks';
import type { HourRow, UsageReport } from '../monitor/report';
import { HOUR_MS } from '../usage/hours';
import { percent, rounded, show, table } from './table';

const HOURS_OF_A_DAY = 24;
const BAR = 10;
/** An event loop that was late by this much is worth a word. */
const FREEZE_MS = 1_000;

const head = [
  'HOUR',
  'CALLS',
  '',
  'DELIVERIES',
  'CONNECTS',
  'CPU avg',
  'max',
  '',
  'BUSIEST SERVER',
  'DELAY max',
  'MISSED',
  'ABSENT',
  '',
];
const words = new Set([0, 2, 7, 8, 12]);

/** What a full step of a bar is drawn with: not every terminal has blocks. */
export type BarMark = '█' | '#';
type Label = (at: number) => string;

/** Pure but for the time zone: the report as people read it. Hours before anything is known are left out. */
export function reportText(report: UsageReport, mark: BarMark): string {
  const hours = report.hours.slice(Math.max(0, report.hours.findIndex(isKnown)));
  const label = labelOf(hours);
  const most = Math.max(1, ...hours.map(({ calls }) => calls ?? 0));
  const rows = hours.map((row) => hourRow(row, rowLabel(row, report.to, label), most, mark));
  return [
    `${dayAndTime(hours[0]!.hour)} to ${dayAndTime(report.to)}, ${zone()}`,
    '',
    ...table([head, ...rows, totalRow(hours)], words),
    '',
    ...remarks(report, label),
    '',
  ].join('\n');
}

/** How hours are called; with the offset where two would be called the same, as when the clock is set back. */
function labelOf(hours: HourRow[]): Label {
  const plain = hours.length > HOURS_OF_A_DAY ? dayAndTime : localTime;
  const all = hours.map(({ hour }) => plain(hour));
  const twice = new Set(all.filter((text, i) => all.indexOf(text) !== i));
  return (at) => (twice.has(plain(at)) ? `${plain(at)} ${localIso(at).slice(-6)}` : plain(at));
}

function rowLabel({ hour }: HourRow, to: number, label: Label): string {
  return hour + HOUR_MS > to ? `${label(hour)} so far` : label(hour);
}

function hourRow(row: HourRow, label: string, most: number, mark: BarMark): string[] {
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

function remarks({ peaks, counters, problem, record, hours }: UsageReport, label: Label): string[] {
  const span = ({ from, to }: { from: number; to: number }): string =>
    to - from > HOUR_MS ? `${label(from)}-${localTime(to)}` : label(from);
  const sum = (key: 'missed' | 'absent'): number => hours.reduce((total, row) => total + row[key], 0);
  const late = hours.reduce((a, b) => ((b.loopDelayMaxMs ?? 0) > (a.loopDelayMaxMs ?? 0) ? b : a));
  const [missed, absent, latest] = [sum('missed'), sum('absent'), late.loopDelayMaxMs ?? 0];
  const reason = problem === undefined ? '' : ` (${problem})`;
  return [
    peaks.length === 0 ? '' : `Peak: ${peaks.map(span).join(', ')}`,
    missed === 0 ? '' : `${grouped(missed)} probes had no answer: a server was frozen, or did not run.`,
    latest < FREEZE_MS ? '' : `An event loop stood still for ${delay(latest)}: ${label(late.hour)}`,
    absent === 0
      ? ''
      : `${grouped(absent)} lines of the record are absent: the monitor stood still or could not write, ` +
        'or the fleet was down for a part of the hour.',
    counters
      ? ''
      : `Redis does not answer${reason}: calls, deliveries and connects are not known. Next: npx fleet status`,
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

function delay(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${rounded(ms / 1_000)} s`;
}
