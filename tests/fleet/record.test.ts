import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/fleet/processes';
import type { UsageReport } from '../../src/monitor/report';
import { parseLine, recordHeader, type RecordLine } from '../../src/monitor/line';
import { recordFile, recordFolder } from '../../src/monitor/record';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { testFleet, type TestFleet } from '../support/fleet';

jest.setTimeout(90_000);

/** A line is due every five seconds, and the monitor may have to start first. */
const LINES_WITHIN_MS = 25_000;

let fleet: TestFleet;
let servers: [string, string];

beforeAll(async () => {
  fleet = await testFleet(2);
  fleet.env.RECORD_SECONDS = '5';
  servers = [`chat-${fleet.basePort}`, `chat-${fleet.basePort + 1}`];
});

const folder = (): string => recordFolder(fleet.varDir);

/** All lines so far, by the awk of the documentation: fields are split at blanks. */
function lines(): RecordLine[] {
  const file = recordFile(folder(), Date.now());
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((text) => parseLine(text)!);
}

/** Waits for lines of a server that are written from now on. */
async function newLine(test: (line: RecordLine) => boolean, since = lines().length): Promise<RecordLine> {
  return eventually(() => {
    const found = lines().slice(since).find(test);
    if (!found) throw new Error(`no such line among ${JSON.stringify(lines().slice(since))}`);
    return found;
  }, LINES_WITHIN_MS);
}

const pidOf = async (name: string): Promise<number> =>
  (await fleet.apps()).find((app) => app.name === name)!.pid;

test('[RECORD-10] sample says so when no fleet was ever started, and report when there is nothing to report', async () => {
  const sample = await fleet.run(['sample']);
  expect(sample).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining('Next: npx fleet up') as string,
  });
  const report = await fleet.run(['report']);
  expect(report).toMatchObject({ code: 4, stdout: '' });
  expect(report.stderr).toContain('Redis does not answer, and there is no record of these hours.');
  expect(existsSync(join(fleet.varDir, 'secrets.json'))).toBe(false);
});

test('[RECORD-7] the monitor of a running fleet writes a line for each server at each interval', async () => {
  expect((await fleet.run(['up'])).code).toBe(0);
  for (const server of servers) {
    const line = await newLine((each) => each.server === server && each.cpuMaximum !== null);
    expect(line).toMatchObject({ pid: await pidOf(server), state: 'ok', missed: 0, connections: 0 });
    expect(line.at % 5_000).toBe(0);
    expect(line.memoryMb).toBeGreaterThan(20);
    expect(line.loopDelayMaxMs).toBeGreaterThan(0);
  }
  expect(readFileSync(recordFile(folder(), Date.now()), 'utf8').split('\n')[0]).toBe(recordHeader);
  const { helpers, healthy } = await fleet.status();
  expect(helpers.at(-1)).toMatchObject({ name: 'chat-monitor', state: 'ok', restarts: 0 });
  expect(healthy).toBe(true);
});

test('[RECORD-3] a frozen server is a line without an answer, with its pid and CPU, until it goes on', async () => {
  const [frozen, other] = servers;
  const pid = await pidOf(frozen);
  process.kill(pid, 'SIGSTOP');
  onCleanup(() => isAlive(pid) && process.kill(pid, 'SIGCONT'));
  const line = await newLine((each) => each.server === frozen && each.state === 'no answer');
  expect(line).toMatchObject({ pid, connections: null, loopDelayP99Ms: null });
  expect(line.missed).toBeGreaterThan(0);
  expect((await newLine((each) => each.server === frozen && each.cpuAverage === 0)).pid).toBe(pid);
  expect((await newLine((each) => each.server === other)).state).toBe('ok');

  // Also to one who never saw it before: it is found by its port.
  const sample = await fleet.run(['sample', '--json']);
  expect(sample.code).toBe(3);
  expect((JSON.parse(sample.stdout) as { lines: RecordLine[] }).lines).toMatchObject([
    { server: frozen, pid, cpuAverage: 0, state: 'no answer', missed: 2 },
    { server: other, state: 'ok', missed: 0 },
  ]);
  process.kill(pid, 'SIGCONT');
  const back = await newLine((each) => each.server === frozen && each.state === 'ok');
  expect(back.loopDelayMaxMs).toBeGreaterThan(2_000); // it tells of the time when it stood still
});

test('[RECORD-8] the record goes on after the death of the monitor, of Redis and of a server', async () => {
  const monitor = await pidOf('chat-monitor');
  process.kill(monitor, 'SIGKILL');
  await newLine((each) => each.server === servers[0]);
  expect(await pidOf('chat-monitor')).not.toBe(monitor);

  await fleet.pm2('stop', 'chat-redis', servers[1]);
  const since = lines().length;
  await newLine((each) => each.server === servers[0] && each.state === 'degraded', since);
  await newLine(
    (each) => each.server === servers[1] && each.state === 'no answer' && each.pid === null,
    since,
  );
  const report = await fleet.run(['report']);
  expect(report).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('Redis does not answer') as string,
  });
  await fleet.pm2('start', 'chat-redis', servers[1]);
  for (const server of servers) await newLine((each) => each.server === server && each.state === 'ok');
});

test('[RECORD-8] it goes on when the plan is broken for a while, and when its folder is deleted', async () => {
  const plan = join(fleet.varDir, 'fleet.json');
  renameSync(plan, `${plan}.aside`);
  writeFileSync(plan, '{"serv');
  await newLine(({ server }) => server === servers[1]);
  renameSync(`${plan}.aside`, plan);
  rmSync(folder(), { recursive: true });
  await newLine(({ server }) => server === servers[1], 0);
});

test('[REPORT-7] report shows what the fleet counted and recorded, for people and for programs', async () => {
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
  for (const word of ['HOUR', 'DELIVERIES', 'CPU avg', 'total', '█', 'Peak: '])
    expect(text.stdout).toContain(word);
  expect((await fleet.run(['report'], { LC_ALL: 'C' })).stdout).toContain('#');
  expect((await fleet.run(['report', '--from', '2020-01-01', '--to', '2020-01-02'])).code).toBe(4);
  for (const wrong of [
    ['--hours', '0'],
    ['--from', 'yesterday'],
    ['--from', '2999-01-01'],
  ])
    expect((await fleet.run(['report', ...wrong])).code).toBe(2);
});

test('[RECORD-9] sample appends to the same record while monitor and PM2 are down', async () => {
  await fleet.run(['down']);
  const before = lines().length;
  const { code, stdout } = await fleet.run(['sample']);
  expect(code).toBe(3);
  const [header, ...written] = stdout.trimEnd().split('\n');
  expect(header).toBe(recordHeader);
  expect(written.map((text) => parseLine(text))).toMatchObject(
    servers.map((server) => ({ server, pid: null, state: 'no answer' })),
  );
  expect(lines().slice(before)).toEqual(written.map((text) => parseLine(text)));
  expect(await fleet.apps()).toEqual([]);
});
