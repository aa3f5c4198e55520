import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isAlive, fleetProcesses } from '../../src/fleet/processes';
import { sendAcross } from '../../src/fleet/message-check';
import { serversOf } from '../../src/fleet/plan';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { testFleet, type TestFleet } from '../support/fleet';
import { isFree } from '../support/port-run';

jest.setTimeout(90_000);

let fleet: TestFleet;
let allApps: string[];
let shapeByUp: unknown[];

beforeAll(async () => {
  fleet = await testFleet(2);
  const servers = [`chat-${fleet.basePort}`, `chat-${fleet.basePort + 1}`];
  allApps = ['chat-redis', ...servers, 'chat-nginx', 'chat-monitor'];
});

/** What the long tests try under load, too (tests/long/native-ways). */
const long = process.env.ALL ? test : test.skip;

const pidOf = async (name: string): Promise<number> =>
  (await fleet.apps()).find((app) => app.name === name)!.pid;

/** The apps as PM2 was told to start them. */
const shape = async (): Promise<unknown[]> => {
  const list = JSON.parse((await fleet.pm2('jlist')).stdout) as {
    name: string;
    pm2_env: Record<string, unknown>;
  }[];
  return list
    .map(({ name, pm2_env: { pm_exec_path, pm_cwd, args, kill_timeout, PORT, SERVER_NAME } }) => {
      return { name, pm_exec_path, pm_cwd, args, kill_timeout, PORT, SERVER_NAME };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
};

const nginxProcesses = () => fleetProcesses(fleet.varDir).filter(({ kind }) => kind === 'nginx');

async function expectNothingLeft(): Promise<void> {
  expect(fleetProcesses(fleet.varDir)).toEqual([]);
  const { basePort, httpPort, redisPort } = fleet;
  for (const port of [basePort, basePort + 1, httpPort, redisPort]) expect(await isFree(port)).toBe(true);
  expect(existsSync(join(fleet.env.PM2_HOME!, 'pm2.pid'))).toBe(false);
  expect(await fleet.apps()).toEqual([]);
  const nginxFolder = join(fleet.varDir, 'nginx');
  if (existsSync(nginxFolder)) expect(readdirSync(nginxFolder).sort()).toEqual(['nginx.conf', 'temp']);
}

/** Holds a port as some other program would. */
async function hold(port: number): Promise<{ free: () => void }> {
  const holder = createServer().listen(port, '127.0.0.1');
  await once(holder, 'listening');
  const free = (): void => void holder.close();
  onCleanup(free);
  return { free };
}

test('[FLEET-1] a port that is taken is named with its holder, and nothing is started', async () => {
  for (const port of [fleet.basePort + 1, fleet.httpPort, fleet.redisPort]) {
    const { free } = await hold(port);
    const { code, stdout, stderr } = await fleet.run(['up']);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(new RegExp(`port ${port} for chat-.*taken by pid ${process.pid} `));
    expect(stderr).toMatch(/Nothing was started\.\nNext: .*npm start/);
    free();
    await expectNothingLeft();
  }
});

test('[FLEET-2] a start that is interrupted leaves nothing half started', async () => {
  const interrupt = new AbortController();
  const run = fleet.run(['up'], {}, interrupt.signal);
  await eventually(() => expect(fleetProcesses(fleet.varDir)).not.toEqual([]), 20_000);
  interrupt.abort();
  const { code, stderr } = await run;
  expect(stderr).toContain('Interrupted');
  expect(code).toBe(130);
  await expectNothingLeft();
});

test('[FLEET-3] two starts at the same time bring up one fleet, and a message crosses two servers', async () => {
  const runs = await Promise.all([fleet.run(['up']), fleet.run(['up', '--json'])]);
  expect(runs.map(({ code, stderr }) => ({ code, stderr: code === 0 ? '' : stderr }))).toEqual([
    { code: 0, stderr: '' },
    { code: 0, stderr: '' },
  ]);
  expect(runs[0]!.stdout).toContain(`Chat: http://127.0.0.1:${fleet.httpPort}/`);
  expect(runs[0]!.stderr).toMatch(
    new RegExp(`message .*chat-${fleet.basePort} -> chat-${fleet.basePort + 1} in`),
  );
  expect(JSON.parse(runs[1]!.stdout)).toMatchObject({ schema: 'fleet.up/1', servers: allApps.slice(1, 3) });
  const apps = await fleet.apps();
  expect(apps.map(({ name }) => name).sort()).toEqual([...allApps].sort());
  expect(apps.map(({ restarts, status }) => [restarts, status])).toEqual(apps.map(() => [0, 'online']));
  shapeByUp = await shape();
});

test('[FLEET-4] starting a running fleet again changes nothing', async () => {
  const before = await fleet.apps();
  const { code, stdout } = await fleet.run(['up', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ started: [] });
  expect(await fleet.apps()).toEqual(before);
});

test('[FLEET-5] other settings, or another fleet on the same names, are refused while the fleet goes on', async () => {
  const before = await fleet.apps();
  const refusals = [
    [{ SERVERS: '1' }, /runs 2 servers .* ask for 1/],
    [{ HTTP_PORT: `${fleet.opsPort + 1}` }, /chat-nginx runs, but not on port/],
    [{ VAR_DIR: join(fleet.varDir, 'other') }, /another fleet: .*chat-nginx \(/],
  ] as const;
  for (const [env, reason] of refusals) {
    const { code, stderr } = await fleet.run(['up'], env);
    expect(code).toBe(4);
    expect(stderr).toMatch(reason);
    expect(stderr).toMatch(/\nNext: /);
  }
  expect((await fleet.run(['down'], { VAR_DIR: join(fleet.varDir, 'other') })).code).toBe(0);
  expect(await fleet.apps()).toEqual(before);
});

test('[FLEET-6] secrets are for the fleet alone: in files of mode 0600, not in what PM2 shows', async () => {
  const { redisPassword } = JSON.parse(readFileSync(join(fleet.varDir, 'secrets.json'), 'utf8')) as {
    redisPassword: string;
  };
  for (const file of ['secrets.json', 'redis/redis.conf']) {
    expect(statSync(join(fleet.varDir, file)).mode & 0o777).toBe(0o600);
  }
  expect((await fleet.pm2('jlist')).stdout).not.toContain(redisPassword);
  expect((await fleet.run(['config', '--json'])).stdout).not.toContain(redisPassword);
});

test('[FLEET-7] status shows every server, for people and for programs', async () => {
  const { code, stdout } = await fleet.run(['status', '--json']);
  expect(code).toBe(0);
  const status = JSON.parse(stdout) as Record<string, unknown> & { servers: object[] };
  expect(status).toMatchObject({ schema: 'fleet.status/1', healthy: true, connections: 0, skew: null });
  expect(status.servers).toHaveLength(2);
  for (const server of status.servers) {
    expect(server).toMatchObject({ state: 'ok', restarts: 0, connections: 0 });
    expect(Object.entries(server).filter(([, value]) => typeof value === 'number').length).toBeGreaterThan(9);
  }
  const text = (await fleet.run(['status'])).stdout;
  for (const word of ['SERVER', 'CONNS', 'LOOP p99', ...allApps, 'healthy']) expect(text).toContain(word);
});

test('[FLEET-8] Redis, nginx and a server each come back after kill -9', async () => {
  const workersAndMaster = nginxProcesses().length;
  for (const name of [allApps[0]!, allApps[1]!, allApps[3]!]) {
    const killed = await pidOf(name);
    process.kill(killed, 'SIGKILL');
    await eventually(async () => {
      expect(await pidOf(name)).not.toBe(killed);
      expect(isAlive(killed)).toBe(false);
      expect((await fleet.status()).healthy).toBe(true);
    }, 20_000);
    const [from, to] = serversOf({ servers: 2, basePort: fleet.basePort });
    await eventually(() => sendAcross(from!, to!, { name: 'fleet-check' }), 20_000);
  }
  expect((await fleet.apps()).map(({ restarts }) => restarts).sort()).toEqual([0, 0, 1, 1, 1]);
  // The workers of the killed nginx have left: the port belongs to the new one alone.
  await eventually(() => expect(nginxProcesses()).toHaveLength(workersAndMaster));
});

long('[FLEET-9] a fleet whose PM2 was killed is taken over by the next start', async () => {
  const daemon = Number(readFileSync(join(fleet.env.PM2_HOME!, 'pm2.pid'), 'utf8'));
  const orphans = fleetProcesses(fleet.varDir).map(({ pid }) => pid);
  process.kill(daemon, 'SIGKILL');
  await eventually(() => expect(isAlive(daemon)).toBe(false));
  const { code, stderr } = await fleet.run(['up']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('ok    message') as string });
  expect(fleetProcesses(fleet.varDir).filter(({ pid }) => orphans.includes(pid))).toEqual([]);
});

test('[FLEET-10] down ends everything, also when half of it is gone, and can be repeated', async () => {
  await fleet.pm2('delete', allApps[1]!, allApps[3]!);
  const { code, stdout } = await fleet.run(['down']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'The fleet is down. Messages are kept.\n' });
  await expectNothingLeft();
  expect(await fleet.run(['down'])).toMatchObject({ code: 0, stdout: 'The fleet was down already.\n' });
  const status = await fleet.run(['status']);
  expect(status.code).toBe(3);
  expect(status.stdout).toContain('The fleet is down. Next: npx fleet up');
  await expectNothingLeft();
});

long('[FLEET-11] pm2 start ecosystem.config.js starts the same apps', async () => {
  const started = await fleet.pm2('start', 'ecosystem.config.js');
  expect(started.code).toBe(0);
  const byPm2 = await shape();
  expect(byPm2).toHaveLength(allApps.length);
  expect(byPm2).toEqual(shapeByUp);
  const up = await fleet.run(['up', '--json']);
  expect(JSON.parse(up.stdout)).toMatchObject({ started: [] });
});
