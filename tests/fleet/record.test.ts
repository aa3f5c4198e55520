import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/fleet/processes';
import type { Diagnosis } from '../../src/monitor/doctor/run';
import type { UsageReport } from '../../src/monitor/report';
import { recordHeader, type RecordLine } from '../../src/monitor/line';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import type { TestFleet } from '../support/fleet';
import { RecordedFleet } from '../support/recorded-fleet';

jest.setTimeout(90_000);

let recorded: RecordedFleet;
let fleet: TestFleet;
let servers: [string, string];

beforeAll(async () => {
  recorded = await RecordedFleet.make();
  ({ fleet, servers } = recorded);
});

test('[RECORD-10] sample says so when no fleet was ever started, and report when there is nothing to report', async () => {
  const sample = await fleet.run(['sample']);
  expect(sample).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining('Next: npx fleet up') as string,
  });
  const report = await fleet.run(['report']);
  expect(report).toMatchObject({ code: 4, stdout: '' });
  expect(report.stderr).toContain(
    'Redis does not answer (it was never started), and there is no record of these hours.',
  );
  expect(existsSync(join(fleet.varDir, 'secrets.json'))).toBe(false);
});

test('[RECORD-7] the monitor of a running fleet writes a line for each server at each interval', async () => {
  expect((await fleet.run(['up'])).code).toBe(0);
  for (const server of servers) {
    const line = await recorded.newLine((each) => each.server === server && each.cpuMaximum !== null);
    expect(line).toMatchObject({ pid: await recorded.pidOf(server), state: 'ok', missed: 0, connections: 0 });
    expect(line.at % 1_000).toBe(0);
    expect(line.memoryMb).toBeGreaterThan(20);
    expect(line.loopDelayMaxMs).toBeGreaterThan(0);
  }
  expect(readFileSync(recorded.file, 'utf8').split('\n')[0]).toBe(recordHeader);
  const { helpers, healthy } = await fleet.status();
  expect(helpers.at(-1)).toMatchObject({ name: 'chat-monitor', state: 'ok', restarts: 0 });
  expect(healthy).toBe(true);
});

test('[RECORD-3] [DOCTOR-4] a frozen server is a line without an answer, with its pid and CPU, until it goes on', async () => {
  const [frozen, other] = servers;
  const pid = await recorded.pidOf(frozen);
  process.kill(pid, 'SIGSTOP');
  onCleanup(() => isAlive(pid) && process.kill(pid, 'SIGCONT'));
  const line = await recorded.newLine((each) => each.server === frozen && each.state === 'no answer');
  expect(line).toMatchObject({ pid, connections: null, loopDelayP99Ms: null });
  expect(line.missed).toBeGreaterThan(0);
  expect((await recorded.newLine((each) => each.server === frozen && each.cpuAverage === 0)).pid).toBe(pid);
  expect((await recorded.newLine((each) => each.server === other)).state).toBe('ok');

  // Also to one who never saw it before: it is found by its port.
  const sample = await fleet.run(['sample', '--json']);
  expect(sample.code).toBe(3);
  expect((JSON.parse(sample.stdout) as { lines: RecordLine[] }).lines).toMatchObject([
    { server: frozen, pid, cpuAverage: 0, state: 'no answer', missed: 2 },
    { server: other, state: 'ok', missed: 0 },
  ]);
  const doctor = await fleet.run(['doctor', '--json']);
  expect(doctor.code).toBe(3);
  const { checks } = JSON.parse(doctor.stdout) as Diagnosis;
  expect(checks.filter(({ state }) => state === 'failed')).toEqual([]);
  expect(checks.find(({ name }) => name === 'servers-answer')!.findings).toMatchObject([
    { what: `${frozen} does not answer` },
  ]);
  process.kill(pid, 'SIGCONT');
  const back = await recorded.newLine((each) => each.server === frozen && each.state === 'ok');
  expect(back.loopDelayMaxMs).toBeGreaterThan(2_000); // it tells of the time when it stood still
});

test('[REPORT-7] [REPORT-19] report shows what the fleet counted and recorded, for people and for programs', async () => {
  const { code, stdout } = await fleet.run(['report', '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as UsageReport;
  expect(report).toMatchObject({ schema: 'fleet.report/1', counters: true, record: true });
  expect(report.hours).toHaveLength(24);
  // The check of `fleet up`: two people join a room, and one of them says something.
  const sum = (event: string): number =>
    report.hours.reduce((total, { events }) => total + (events?.[event] ?? 0), 0);
  expect([sum('join'), sum('sendMessage')]).toEqual([2, 1]);
  expect(report.hours.reduce((total, { deliveries }) => total + deliveries!, 0)).toBe(2);
  const text = await fleet.run(['report', '--hours', '2'], { LC_ALL: 'C.UTF-8' });
  expect(text.code).toBe(0);
  for (const word of ['HOUR', 'DELIVERIES', 'CPU avg', 'total', '█', ' so far '])
    expect(text.stdout).toContain(word);
  expect(text.stdout).not.toContain('Peak: '); // nobody but the check was there
  const away = await fleet.run(['report'], { REDIS_URL: `redis://:wrong@127.0.0.1:${fleet.redisPort}` });
  expect(away).toMatchObject({ code: 3, stdout: expect.stringContaining('WRONGPASS') as string });
  expect((await fleet.run(['report'], { LC_ALL: 'C' })).stdout).toContain('#');
  // Minutes of a fleet are no base for advice, and that is said.
  expect(report.analysis).toMatchObject({ hours: 0, cost: null, machine: { servers: 2 } });
  const advice = await fleet.run(['autoscale', '--max', '4', '--dry-run']);
  expect(advice).toMatchObject({ code: 3, stdout: expect.stringContaining('nothing to scale by') as string });
  expect((await fleet.run(['autoscale', '--max', '4'])).code).toBe(2);
  expect((await fleet.run(['report', '--from', '2020-01-01', '--to', '2020-01-02'])).code).toBe(4);
  for (const wrong of [
    ['--hours', '0'],
    ['--from', 'yesterday'],
    ['--from', '2999-01-01'],
  ])
    expect((await fleet.run(['report', ...wrong])).code).toBe(2);
});

test('[STATUS-6] a monitor that stands still is not healthy', async () => {
  const pid = await recorded.pidOf('chat-monitor');
  process.kill(pid, 'SIGSTOP');
  onCleanup(() => isAlive(pid) && process.kill(pid, 'SIGCONT'));
  utimesSync(recorded.file, 0, 0);
  await eventually(async () => {
    const { helpers, healthy } = await fleet.status();
    expect({ state: helpers.at(-1)!.state, healthy }).toEqual({ state: 'no record', healthy: false });
  }, 25_000);
  process.kill(pid, 'SIGCONT');
});

test('[RECORD-13] what sample cannot write it prints, and says why', async () => {
  await fleet.run(['down']);
  rmSync(recorded.folder, { recursive: true });
  writeFileSync(recorded.folder, 'a file where the folder should be');
  const { code, stdout, stderr } = await fleet.run(['sample']);
  expect(code).toBe(1);
  expect(stdout.split('\n')).toHaveLength(1 + servers.length + 1);
  expect(stderr).toMatch(/The record cannot be written: E.*\n.*the figures are above\.\nNext: /);
});
