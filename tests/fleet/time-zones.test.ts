import { join } from 'node:path';
import { writeFileSync, mkdirSync } from 'node:fs';
import { formatLine, recordHeader, type RecordLine } from '../../src/monitor/line';
import { program, projectRoot, testFleet } from '../support/fleet';

/** Evaluates with the built program in another time zone. */
async function inZone(TZ: string, expression: string): Promise<unknown> {
  const { stdout, stderr } = await program(process.execPath, ['-p', `JSON.stringify(${expression})`], { TZ });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}
const built = (file: string): string => `require(${JSON.stringify(join(projectRoot, 'dist', file))})`;

test('[REPORT-6] a day ends where the next one begins, also when the clock changes', async () => {
  const days = ['2026-03-29', '2026-10-25', '2026-11-22'];
  const lengths = days.map((day) => `timeOf('${day}', true) - timeOf('${day}', false)`).join();
  const hours = (await inZone(
    'Europe/Berlin',
    `(({ timeOf }) => [${lengths}])(${built('cli/time.js')})`,
  )) as number[];
  expect(hours.map((ms) => ms / 3_600_000)).toEqual([23, 25, 24]);
});

test('[REPORT-6] where the clock is set back the two hours of one name have their offsets', async () => {
  const from = Date.UTC(2026, 9, 25, 0);
  const evidence = {
    from,
    to: from + 3 * 3_600_000,
    usage: [0, 1, 2].map((i) => ({ hour: from + i * 3_600_000, totals: { 'calls.join': 7 } })),
    lines: [],
    planned: [],
    intervalMs: 300_000,
    due: from,
  };
  const report = `${built('monitor/report.js')}.reportOf(${JSON.stringify(evidence)})`;
  const text = (await inZone(
    'Europe/Berlin',
    `${built('cli/report/text.js')}.reportText(${report}, '#')`,
  )) as string;
  expect(text.match(/^\d\d:\d\d( \+\d\d:00)?(?= )/gm)).toEqual(['02:00 +02:00', '02:00 +01:00', '03:00']);
});

test('[REPORT-8] report finds the lines of a monitor in another time zone', async () => {
  const { run, varDir } = await testFleet(1);
  const at = Math.floor(Date.now() / 1_000) * 1_000 - 60_000;
  const line: RecordLine = {
    at,
    server: 'chat-1',
    pid: 1,
    cpuAverage: 50,
    cpuMaximum: 60,
    memoryMb: 1,
    connections: 0,
    loopPercent: 1,
    loopDelayP99Ms: 1,
    loopDelayMaxMs: 6_514,
    missed: 1,
    seconds: 300,
    state: 'ok',
  };
  const folder = join(varDir, 'usage');
  mkdirSync(folder, { recursive: true });
  // Of a monitor whose day is another one than that of both readers.
  const other = [-1, 1].map((days) => new Date(at + days * 86_400_000).toISOString().slice(0, 10));
  for (const date of other) {
    const file = join(folder, `cpu-${date}.txt`);
    writeFileSync(file, `${recordHeader}\n${formatLine(line)}\n`);
  }
  const report = await run(['report', '--hours', '2'], { TZ: 'UTC' });
  expect(report).toMatchObject({ code: 3, stdout: expect.stringContaining('chat-1 50 %') as string });
  expect(report.stdout).toContain('1 probes had no answer');
  expect(report.stdout).toContain('An event loop stood still for 6.5 s');
});
