import { reportText } from '../../src/cli/report-text';
import { timeOf } from '../../src/cli/usage-commands';
import type { RecordLine } from '../../src/monitor/line';
import { localTime } from '../../src/monitor/local-time';
import { reportOf, type Evidence } from '../../src/monitor/report';
import { hoursBetween, type Totals } from '../../src/usage/hours';

const HOUR = 3_600_000;
const start = Date.UTC(2026, 10, 22, 0);
const hour = (index: number): number => start + index * HOUR;

const line = (at: number, more: Partial<RecordLine> = {}): RecordLine => ({
  at,
  server: 'chat-3001',
  pid: 1,
  cpuAverage: 20,
  cpuMaximum: 30,
  memoryMb: 100,
  connections: 1,
  loopPercent: 10,
  loopDelayP99Ms: 11,
  loopDelayMaxMs: 12,
  missed: 0,
  state: 'ok',
  ...more,
});

const report = (more: Partial<Evidence>) =>
  reportOf({ from: start, to: hour(24), usage: [], lines: [], intervalMs: HOUR / 12, ...more });
const usage = (perHour: Totals[]) => perHour.map((totals, index) => ({ hour: hour(index), totals }));
const calls = (...counts: number[]) => usage(counts.map((count) => ({ 'calls.sendMessage': count })));

test('[REPORT-1] each hour has its calls by event, its deliveries and its connects', () => {
  const totals = { 'calls.sendMessage': 40, 'calls.join': 2, deliveries: 900, connects: 3 };
  const { hours } = report({ usage: usage([{}, totals]), to: hour(2) });
  expect(hours).toMatchObject([
    { hour: hour(0), calls: 0, deliveries: 0, connects: 0, events: {} },
    { hour: hour(1), calls: 42, deliveries: 900, connects: 3, events: { sendMessage: 40, join: 2 } },
  ]);
});

test('[REPORT-1] CPU is the average over all servers, the busiest server, and the maximum of any', () => {
  const lines = [
    line(hour(0) + 1, { cpuAverage: 10 }),
    line(hour(0) + 1, { server: 'chat-3002', cpuAverage: 50, cpuMaximum: 99 }),
    line(hour(1), { cpuAverage: 30 }), // the end of the first hour
    line(hour(1) + 1, { cpuAverage: null, cpuMaximum: null, state: 'no answer' }),
  ];
  const { hours } = report({ lines, to: hour(2) });
  const busiest = { server: 'chat-3002', average: 50 };
  expect(hours[0]).toMatchObject({ cpu: { average: 30, maximum: 99, busiest }, samples: 3, unanswered: 0 });
  expect(hours[1]).toMatchObject({ cpu: null, samples: 1, unanswered: 1 });
});

test('[REPORT-2] hours with three quarters of the most calls or of the busiest CPU are peaks, joined in a row', () => {
  const usage = calls(10, 100, 74, 75, 80, 0, 0, 0);
  const lines = [line(hour(6), { cpuAverage: 90 }), line(hour(7), { cpuAverage: 67 })];
  const { peaks, hours } = report({ usage, lines, to: hour(8) });
  const row = (from: number, to: number) => ({ from: hour(from), to: hour(to) });
  expect(peaks).toEqual([row(1, 2), row(3, 6)]);
  expect(hours.filter(({ peak }) => peak).map((each) => each.hour)).toEqual([1, 3, 4, 5].map(hour));
  expect(report({ usage: calls(0, 0) }).peaks).toEqual([]);
  const idle = [line(hour(1), { cpuAverage: 9 })];
  expect(report({ lines: idle }).peaks).toEqual([]);
});

test('[REPORT-3] a line that is missing between two others is counted in its hour', () => {
  const minutes = (...list: number[]) => list.map((minute) => line(start + minute * 60_000));
  const { hours } = report({ lines: minutes(5, 10, 25, 60, 65, 80), to: hour(3) });
  expect(hours.map(({ absent }) => absent)).toEqual([2 + 6, 2, 0]);
});

test('[REPORT-4] people see a line an hour, peaks marked and named, and what is not known', () => {
  const lines = [line(hour(2), { cpuAverage: 80, cpuMaximum: 100 }), line(hour(3), { state: 'no answer' })];
  const usage = calls(0, 21_400, 20_000, 10, 4_000);
  const text = reportText(report({ usage, lines, to: hour(5) }), '#');
  const rowOf = (index: number) => text.split('\n').find((row) => row.startsWith(localTime(hour(index))))!;
  expect(rowOf(0)).toBeUndefined(); // before anything was known
  expect(rowOf(1)).toMatch(/ 21,400 {2}########## .* 80 % {2}100 % {2}######## .*chat-3001 80 % .* < peak$/);
  expect(rowOf(3)).toMatch(/ 10 {2}# .* - /);
  expect(rowOf(4)).not.toContain('peak');
  expect(text).toContain(`Peak: ${localTime(hour(1))}-${localTime(hour(3))}\n`);
  expect(text).toContain('1 samples had no answer');
  expect(text).toMatch(/^2026-11-2\d \d\d:00 to 2026-11-2\d \d\d:00, \S+\n/);
});

test('[REPORT-5] without Redis, or without a record, the other half is shown, and said so', () => {
  const noRedis = reportText(report({ usage: undefined, lines: [line(hour(1))] }), '#');
  expect(noRedis).toMatch(/ 20 % .*\n/);
  expect(noRedis).toContain('Redis does not answer: calls, deliveries and connects are not known');
  const noRecord = reportText(report({ usage: calls(7) }), '#');
  expect(noRecord).toMatch(/ 7 {2}##########/);
  expect(noRecord).toContain('The record has no lines of these hours');
});

test('[REPORT-6] hours are those of UTC, also where the clock is half an hour off', () => {
  expect(hoursBetween(hour(1) + 1, hour(3))).toEqual([hour(1), hour(2)]);
  expect(hoursBetween(hour(1), hour(1))).toEqual([]);
});

test('[REPORT-6] days and times are typed as people here mean them', () => {
  expect(timeOf('2026-11-22', false)).toBe(new Date(2026, 10, 22).getTime());
  expect(timeOf('2026-11-22', true)).toBe(new Date(2026, 10, 23).getTime());
  expect(timeOf('2026-11-22T10:30', true)).toBe(new Date(2026, 10, 22, 10, 30).getTime());
  for (const text of ['', 'yesterday', '2026-13-01', '2026-11-22T25:00', '10:00'])
    expect(timeOf(text, false)).toBeUndefined();
});
