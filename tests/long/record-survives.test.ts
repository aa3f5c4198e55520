import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLine, recordHeader } from '../../src/monitor/line';
import type { TestFleet } from '../support/fleet';
import { RecordedFleet } from '../support/recorded-fleet';

jest.setTimeout(90_000);

let recorded: RecordedFleet;
let fleet: TestFleet;
let servers: [string, string];

beforeAll(async () => {
  recorded = await RecordedFleet.make();
  ({ fleet, servers } = recorded);
  expect((await fleet.run(['up'])).code).toBe(0);
});

test('[RECORD-8] the record goes on after the death of the monitor, of Redis and of a server', async () => {
  const monitor = await recorded.pidOf('chat-monitor');
  process.kill(monitor, 'SIGKILL');
  await recorded.newLine((each) => each.server === servers[0]);
  expect(await recorded.pidOf('chat-monitor')).not.toBe(monitor);

  await fleet.pm2('stop', 'chat-redis', servers[1]);
  const since = recorded.lines().length;
  await recorded.newLine((each) => each.server === servers[0] && each.state === 'degraded', since);
  await recorded.newLine(
    (each) => each.server === servers[1] && each.state === 'no answer' && each.pid === null,
    since,
  );
  const report = await fleet.run(['report']);
  expect(report).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('Redis does not answer') as string,
  });
  await fleet.pm2('start', 'chat-redis', servers[1]);
  for (const server of servers)
    await recorded.newLine((each) => each.server === server && each.state === 'ok');
});

test('[RECORD-8] it goes on when the plan is broken for a while, and when its folder is deleted', async () => {
  const plan = join(fleet.varDir, 'fleet.json');
  renameSync(plan, `${plan}.aside`);
  writeFileSync(plan, '{"serv');
  await recorded.newLine(({ server }) => server === servers[1]);
  renameSync(`${plan}.aside`, plan);
  rmSync(recorded.folder, { recursive: true });
  await recorded.newLine(({ server }) => server === servers[1], 0);
});

test('[RECORD-9] sample appends to the same record while monitor and PM2 are down', async () => {
  await fleet.run(['down']);
  const before = recorded.lines().length;
  const { code, stdout } = await fleet.run(['sample']);
  expect(code).toBe(3);
  const [header, ...written] = stdout.trimEnd().split('\n');
  expect(header).toBe(recordHeader);
  expect(written.map((text) => parseLine(text))).toMatchObject(
    servers.map((server) => ({ server, pid: null, state: 'no answer' })),
  );
  expect(recorded.lines().slice(before)).toEqual(written.map((text) => parseLine(text)));
  expect(await fleet.apps()).toEqual([]);
});
