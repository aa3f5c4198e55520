import { reportText } from '../../src/cli/report/text';
import { timeOf } from '../../src/cli/time';
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
  seconds: 300,
  state: 'ok',
  ...more,
});

const report = (more: Partial<Evidence>) =>
  reportOf({
    from: start,
    to: hour(24),
    usage: [],
    lines: [],
    planned: [],
    intervalMs: HOUR / 12,
    due: hour(24),
    cores: 4,
    ...more,
  });
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

test('[REPORT-1] a line weighs as much as it looked at', () => {
  const lines = [line(hour(0) + 1, { cpuAverage: 80 }), line(hour(0) + 2, { cpuAverage: 5, seconds: 2 })];
  const average = (80 * 300 + 5 * 2) / 302;
  expect(report({ lines }).hours[0]!.cpu).toMatchObject({ average, busiest: { average } });
});

test('[REPORT-2] an hour that does not stand out, or in which next to nothing happened, is no peak', () => {
  const steady = Array.from({ length: 24 }, (_, i) => 1_000 + (i % 3) * 50);
  expect(report({ usage: calls(...steady) }).peaks).toEqual([]);
  expect(report({ usage: calls(0, 3) }).peaks).toEqual([]); // the check of `fleet up`
  expect(report({ usage: calls(0, 3, 61) }).peaks).toHaveLength(1);
});

const minutes = (...list: number[]) => list.map((minute) => line(start + minute * 60_000));
const absentOf = (more: Partial<Evidence>) =>
  report({ to: hour(3), ...more }).hours.map(({ absent }) => absent);

test('[REPORT-3] a line that is missing while anything was counted is counted, in its hour', () => {
  const usage = calls(1, 1, 1);
  const lines = minutes(5, 10, 25, 60, 65, 80);
  expect(absentOf({ lines, usage })).toEqual([2 + 6, 2, 0]);
  // A server of the plan: up to what is due.
  const planned = ['chat-3001'];
  expect(absentOf({ lines, usage, planned, due: hour(2) + HOUR / 12 })).toEqual([2 + 6, 2 + 8, 1]);
  const text = reportText(report({ lines: minutes(5, 60), usage, planned, to: hour(3), due: hour(3) }), '#');
  expect(text).toMatch(/ {2}- {2,}- {2,}12(?=\n)/);
  expect(text).toContain('lines of the record are absent');
});

test('[REPORT-3] not so while the fleet was down, but where another server has its line', () => {
  const lines = minutes(5, 175, 180);
  expect(absentOf({ lines, usage: calls(1, 0, 1) })).toEqual([11, 0, 10]);
  expect(absentOf({ lines, usage: undefined })).toEqual([0, 0, 0]);
  const other = minutes(90).map((each) => ({ ...each, server: 'chat-3002' }));
  expect(absentOf({ lines: [...lines, ...other], usage: undefined })).toEqual([0, 1, 0]);
});

test('[REPORT-3] the interval of the lines may have been another one than now', () => {
  const usage = calls(1, 1, 1);
  const slow = minutes(5, 10, 15, 20, 25); // every five minutes, now every one
  expect(absentOf({ lines: slow, usage, intervalMs: 60_000 })).toEqual([0, 0, 0]);
  const quick = minutes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10).map((each) => ({ ...each, seconds: 60 }));
  expect(absentOf({ lines: quick, usage })).toEqual([0, 0, 0]);
});

test('[REPORT-8] probes without an answer and the longest delay show, also when the last probe was answered', () => {
  const lines = [line(hour(1), { missed: 1, loopDelayMaxMs: 6_513.8 }), line(hour(1) - 1)];
  const result = report({ lines, to: hour(2) });
  expect(result.hours[0]).toMatchObject({ missed: 1, unanswered: 0, loopDelayMaxMs: 6_513.8 });
  const text = reportText(result, '#');
  expect(text).toMatch(/ 6\.5 s {2,}1 {2,}0 /);
  expect(text).toContain('1 probes had no answer: a server was frozen, or did not run.');
  expect(text).toContain(`An event loop stood still for 6.5 s: ${localTime(hour(0))}\n`);
});

test('[REPORT-9] 90 days of eight servers take no longer than people wait', () => {
  const days = 90 * 24 * 12;
  const lines = Array.from({ length: days * 8 }, (_, i) =>
    line(start + Math.ceil((i + 1) / 8) * 300_000, { server: `chat-${i % 8}` }),
  );
  const before = process.cpuUsage(); // how busy the rest of the machine is says nothing of the report
  const { hours } = report({ lines, to: hour(90 * 24) });
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
  expect(hours.map(({ samples }) => samples)).toEqual(hours.map(() => 96));
});

test('[REPORT-4] people see a line an hour, peaks marked and named, and what is not known', () => {
  const lines = [line(hour(2), { cpuAverage: 80, cpuMaximum: 100 }), line(hour(3), { state: 'no answer' })];
  const usage = calls(0, 21_400, 20_000, 10, 4_000);
  const text = reportText(report({ usage, lines, to: hour(5) - 1 }), '#');
  const rowOf = (index: number) => text.split('\n').find((row) => row.startsWith(localTime(hour(index))))!;
  expect(rowOf(0)).toBeUndefined(); // before anything was known
  expect(rowOf(1)).toMatch(/ 21,400 {2}########## .* 80 % {2}100 % {2}######## .*chat-3001 80 % .* < peak$/);
  expect(rowOf(3)).toMatch(/ 10 {2}# .* - /);
  expect(rowOf(4)).not.toContain('peak');
  expect([3, 4].map((index) => rowOf(index).includes(' so far '))).toEqual([false, true]);
  expect(text).toContain(`Peak: ${localTime(hour(1))}-${localTime(hour(3))}\n`);
  expect(text).toMatch(/^2026-11-2\d \d\d:00 to 2026-11-2\d \d\d:59, \S+\n/);
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
  for (const text of [
    '',
    'yesterday',
    '2026-13-01',
    '2026-02-30',
    '2026-02-30T10:00',
    '2026-11-22T25:00',
    '10:00',
  ])
    expect(timeOf(text, false)).toBeUndefined();
});
