import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { reportText } from '../../src/cli/report/text';
import { reportCsv } from '../../src/cli/report/csv';
import { reportOfFiles, type Files } from '../../src/monitor/files/read-files';
import { formatLine } from '../../src/monitor/line';
import type { UsageReport } from '../../src/monitor/report';
import { HOUR_MS } from '../../src/usage/hours';
import { monday, weekOf } from '../support/weeks';

const folder = mkdtempSync(join(tmpdir(), 'chat-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | string[] | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, Array.isArray(content) ? `${content.join('\n')}\n` : content);
  return path;
}
const read = (calls: string[], cpu: string[], more: Partial<Files> = {}) =>
  reportOfFiles({ calls, cpu, zone: 'UTC', ...more });
const wall = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
const callsOf = ({ hours }: UsageReport) => hours.map(({ calls }) => calls);

const week = weekOf({ peakCalls: 4_000_000 });
const hourly = week.hours.map(({ hour, calls }) => `${wall(hour)},${calls}`);
const cpuTable = (zone = '') => week.hours.map(({ hour, cpu }) => `${wall(hour)}${zone};${cpu!.average.toFixed(1).replace('.', ',')} %`); // prettier-ignore

test('[REPORT-17] tables of calls and CPU of an old server give the same advice as a fleet of one', async () => {
  const result = await read([file('calls.csv', ['time,count', ...hourly])], [file('cpu.csv', cpuTable())]);
  expect(callsOf(result)).toEqual(callsOf(week));
  const { verdict, hours, need, cost, machine } = result.analysis;
  expect({ verdict, hours, machine }).toEqual({ verdict: 'explained', hours: 168, machine: null });
  // How many hear a message is not known: the figures are rougher.
  expect(Math.abs(need!.servers - week.analysis.need!.servers)).toBeLessThanOrEqual(1);
  expect(cost!.saturated.length).toBeGreaterThan(10);
  const text = reportText(result, '#');
  expect(text).toContain('Read: calls.csv, cpu.csv. Times without an offset are those of UTC.');
  expect(text.trimEnd().split('\n').at(-1)).toBe(`Next: SERVERS=${need!.withOneLost} npm start`);
});

test('[REPORT-17] our own CSV and our own record can be read back', async () => {
  const lines = week.hours.flatMap(({ hour, cpu }) =>
    Array.from({ length: 12 }, (_, i) => formatLine({
      at: hour + (i + 1) * 300_000, server: 'chat-3001', pid: 1, cpuAverage: cpu!.average, cpuMaximum: cpu!.maximum,
      memoryMb: 1, connections: 1, loopPercent: 1, loopDelayP99Ms: 1, loopDelayMaxMs: 1, missed: 0, seconds: 300, state: 'ok',
    })),
  ); // prettier-ignore
  const csv = file('own.csv', reportCsv(week));
  for (const cpu of [csv, file('cpu-2026.txt', lines)]) {
    const { analysis, hours } = await read([csv], [cpu]);
    expect(hours.map(({ deliveries }) => deliveries)).toEqual(week.hours.map(({ deliveries }) => deliveries));
    expect(analysis.need).toMatchObject({ servers: week.analysis.need!.servers });
    expect(analysis.cost!.micros.deliveries).toBeCloseTo(week.analysis.cost!.micros.deliveries!, -1);
  }
});

const header = (date: string, cores = 4) => `Linux 6.1.0-1 (old)\t${date}\t_x86_64_\t(${cores} CPU)`;
const SAR = '        CPU     %user     %nice   %system   %iowait    %steal     %idle';
const sarRow = (time: string, busy: number) => `${time}     all ${busy.toFixed(2)} 0.00 0.00 0.00 0.00 ${(100 - busy).toFixed(2)}`; // prettier-ignore

test('[REPORT-17] sar -u is read: percent of all cores, day after day, also with AM and PM', async () => {
  const days = [0, 1, 2, 3, 4, 5, 6].flatMap((day) => [
    header(new Date(monday + day * 24 * HOUR_MS).toISOString().slice(0, 10)),
    '',
    `00:00:01${SAR}`,
    ...week.hours.slice(day * 24, day * 24 + 24).flatMap(({ cpu }, hour) =>
      [10, 20, 30, 40, 50].map((minute) => sarRow(`${String(hour).padStart(2, '0')}:${minute}:01`, cpu!.average / 4)),
    ),
    'Average:        all      9.00      0.00      1.00      0.00      0.00     90.00',
  ]); // prettier-ignore
  const { analysis, hours } = await read([file('own.csv', reportCsv(week))], [file('sar.txt', days)]);
  expect(hours[10]!.cpu!.average).toBeCloseTo(week.hours[10]!.cpu!.average, 0);
  expect(analysis).toMatchObject({ verdict: 'explained', machine: { cores: 4, servers: 0 } });
  expect(Math.abs(analysis.need!.servers - week.analysis.need!.servers)).toBeLessThanOrEqual(1);

  const american = file('sar12.txt', [
    header('11/16/2026', 2),
    `12:00:01 AM${SAR}`,
    sarRow('11:50:01 PM', 50),
    sarRow('12:00:01 AM', 20),
  ]);
  const { hours: night } = await read([], [american]);
  const [first, last] = [night[0]!, night.at(-1)!];
  expect([first.hour, last.hour].map((at) => at - monday)).toEqual([23 * HOUR_MS, 24 * HOUR_MS]);
  expect(first.cpu!.average).toBe(100);
});

test('[REPORT-17] in a log each line that matches is a call; a silence at full CPU is a freeze', async () => {
  const at = (minute: number) => monday + 13 * HOUR_MS + minute * 60_000;
  const minutes = Array.from({ length: 120 }, (_, i) => i).filter((minute) => minute < 12 || minute >= 41);
  const web = minutes.flatMap((minute) => {
    const time = `16/Nov/2026:${wall(at(minute)).slice(11)} +0000`;
    return [
      `::1 - - [${time}] "POST /send HTTP/1.1" 200`,
      `::1 - - [${time}] "GET / HTTP/1.1" 200`,
      ' at stack',
    ];
  });
  const cpu = Array.from(
    { length: 24 },
    (_, i) => `${wall(at(i * 5))} ${i * 5 >= 10 && i * 5 < 41 ? 99 : 40}`,
  );
  const files: [string[], string[]] = [[file('access.log', web)], [file('cpu.txt', cpu)]];
  const { hours, freezes } = await read(...files, { pattern: /POST \/send/ });
  expect(hours.map(({ calls }) => calls)).toEqual([31, 60]);
  expect(freezes).toMatchObject([{ from: at(12), to: at(41), computing: true, longestMs: 29 * 60_000 }]);
  const packed = file('access.log.gz', gzipSync(web.join('\n')));
  expect(callsOf(await read([packed], files[1], { pattern: /./ }))).toEqual([62, 120]);
  const json = minutes.map((minute) => `{"level":30,"time":${at(minute)},"event":"sendMessage"}`);
  expect(callsOf(await read([file('pino.log', json)], files[1]))).toEqual([31, 60]);
});

test('[REPORT-17] times are those of the named zone, also where the clock changes', async () => {
  const zone = 'Europe/Berlin';
  const autumn = ['25 01', '25 02', '25 02', '25 03'].map((each, i) => `2026-10-${each},${i + 1}`);
  const result = await read([file('autumn.csv', autumn)], [], { zone });
  expect(result.hours[0]!.hour).toBe(Date.UTC(2026, 9, 24, 23));
  expect(callsOf(result)).toEqual([1, 2, 3, 4]);
  const spring = ['01', '03', '04'].map((hour, i) => `2026-03-29T${hour}:00,${i + 1}`);
  const { hours } = await read([file('spring.csv', spring)], [], { zone });
  expect(hours.map(({ calls }) => calls)).toEqual([1, 2, 3]);
  const log = ['02:00:00', '02:59:00', '02:00:30', '02:00:20', '03:00:00'].map((time) => `2026-10-25 ${time} hi`);
  expect(callsOf(await read([file('autumn.log', log)], [], { zone }))).toEqual([2, 2, 1]);
  const offset = ['2026-11-16T10:00:00+09:00,7', '2026-11-16T11:00:00+09:00,8'];
  const seoul = await read([file('offset.csv', offset)], [], { zone });
  expect(seoul.hours[0]!.hour).toBe(Date.UTC(2026, 10, 16, 1));
  await expect(read([file('offset.csv', offset)], [], { zone: 'Mars/Base' })).rejects.toThrow('no time zone "Mars/Base"');
}); // prettier-ignore

test('[REPORT-17] times come in many ways', async () => {
  const ways = ['2026-11-16 10:00', '2026-11-16T10:00:00.123Z', '2026/11/16 10', '2026111610', `"${monday / 1000 + 36_000}"`, `${monday + 36_000_000}`]; // prettier-ignore
  for (const way of ways) {
    const { hours } = await read([file('way.csv', `${way},5\n`)], []);
    expect([way, hours[0]]).toMatchObject([way, { hour: monday + 10 * HOUR_MS, calls: 5 }]);
  }
});

test('[REPORT-17] outside the time of a file nothing is known, and an hour known in part says nothing', async () => {
  const some = hourly.slice(24, 60);
  const { hours, analysis } = await read([file('some.csv', some)], [file('cpu.csv', cpuTable())]);
  expect(hours[23]!.calls).toBeNull();
  expect(hours[24]!.calls).toBe(week.hours[24]!.calls);
  expect(analysis.hours).toBe(36);
  const none = reportText(await read([], [file('cpu.csv', cpuTable())]), '#');
  expect(none).toContain('No file of calls was given');
  expect(reportText(await read([file('some.csv', some)], []), '#')).toContain('No file of CPU was given');
});

test('[REPORT-18] what cannot be read is named with file and line, and what a right line looks like', async () => {
  const wrong = async (name: string, content: string[], as: 'calls' | 'cpu', more: Partial<Files> = {}) => {
    const path = file(name, content);
    const error = await (as === 'calls' ? read([path], [], more) : read([], [path], more)).catch((e: Error) => e);
    return (error as Error).message;
  };
  expect(await wrong('a.csv', [...hourly.slice(0, 3), 'yesterday,7'], 'calls')).toBe(
    'a.csv:4: this line does not begin with a time',
  );
  expect(await wrong('b.csv', [...hourly.slice(0, 2), '2026-11-16 02:00:00,many'], 'calls')).toBe(
    'b.csv:3: "many" is not a figure',
  );
  expect(await wrong('c.csv', ['2026-11-16 02:00,-5'], 'calls')).toContain('c.csv:1: "-5" is not a figure');
  expect(await wrong('d.txt', ['2026-11-31 10:00 50'], 'cpu')).toContain('d.txt:1');
  expect(await wrong('e.log', ['no', 'time'], 'calls')).toContain('e.log:1: none of its 2 lines has a time');
  const log = ['2026-11-16 10:00:00 hello'];
  expect(await wrong('f.log', log, 'calls', { pattern: /bye/ })).toContain('none of its 1 lines with a time matches /bye/');
  expect(await wrong('g.txt', [header('32/32/2026'), sarRow('10:00:00', 5)], 'cpu')).toContain('g.txt:');
  expect(await wrong('h.txt', [header('11/16/2026')], 'cpu')).toContain('h.txt:1: it has no lines of all cores');
  await expect(read([join(folder, 'missing.csv')], [])).rejects.toThrow('missing.csv: ENOENT');
  await expect(read([file('i.log.gz', 'not packed')], [])).rejects.toThrow('i.log.gz: ');
}); // prettier-ignore
