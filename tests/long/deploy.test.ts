import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endpointOf } from '../../src/fleet/address';
import { nginxFiles, silentServers } from '../../src/fleet/nginx';
import { nginxWorkers } from '../../src/fleet/reload';
import type { Crowd } from '../../src/load/crowd';
import { crowdOn, everybodyIn, lossesOf, provenWell, sendOn, sumOf } from '../support/busy-fleet';
import { eventually } from '../support/eventually';
import { program, testFleet, type TestFleet } from '../support/fleet';
import { broken, brokenOn, nextRelease, planOf, talkative } from '../support/releases';

jest.setTimeout(300_000);

const CLIENTS = Number(process.env.CROWD ?? 500);
const RATE = Number(process.env.RATE ?? 200);
const ROOMS = Array.from({ length: 50 }, (_, i) => `deploy-${i}`);

let fleet: TestFleet;
let crowd: Crowd;
let stop: () => Promise<void>;

beforeAll(async () => {
  fleet = await testFleet(2);
  await fleet.done('up');
  crowd = await crowdOn(fleet, CLIENTS, ROOMS);
  stop = sendOn(crowd, RATE, ROOMS);
});

const errors = (): string[] =>
  crowd.journals.flatMap(({ events }) =>
    events.flatMap((event) => (event.type === 'error' ? event.what : [])),
  );
/** Does something to the fleet and says what it cost the people who chat. */
async function cost(work: () => Promise<unknown>) {
  const [lost, failed] = [lossesOf(crowd), errors().length];
  await work();
  await everybodyIn(crowd);
  const each = lossesOf(crowd).map((count, i) => count - lost[i]!);
  const result = { most: Math.max(...each), total: sumOf(each) };
  const said = errors().slice(failed);
  console.info(
    `${JSON.stringify(result)}, errors ${said.length}: ${[...new Set(said)].slice(0, 4).join('; ')}`,
  );
  return { ...result, errors: said };
}

/** From the first answer "not ready" to the last one: it was away at least that long. */
interface Absence {
  from: number;
  to: number;
}
/** Asks one server again and again. One that is too busy to answer within a second is not away. */
async function absencesOf(port: number, isOver: () => boolean): Promise<Absence[]> {
  const absences: Absence[] = [];
  let last: Absence | undefined;
  while (!isOver()) {
    const asked = Date.now();
    if (await isReady(port)) last = undefined;
    else if (last) last.to = asked;
    else absences.push((last = { from: Date.now(), to: asked }));
  }
  return absences;
}
const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
    ({ ok }) => ok,
    (error: unknown) => (error as Error).name === 'TimeoutError',
  );

const versions = async (): Promise<unknown[]> =>
  Promise.all(
    (await fleet.status()).servers.map(async ({ port }) =>
      (await fetch(`http://127.0.0.1:${port}/version`)).json(),
    ),
  );

test('[SCALE-11] [SCALE-5] from two servers to six: nobody is cut, nobody sees an error', async () => {
  expect(await cost(() => fleet.done('scale', '6'))).toEqual({ most: 0, total: 0, errors: [] });
});

test('[SCALE-11] [SCALE-5] from six to three: only the people of the three that go are moved, once', async () => {
  const { most, errors: failed } = await cost(() => fleet.done('scale', '3', '--within', '10s'));
  expect(most).toBeLessThanOrEqual(1);
  expect(failed).toEqual([]);
});

test('[SCALE-9] [SCALE-6] a deploy of a version that says more: both serve together, everybody moves once', async () => {
  nextRelease(fleet, 'later', talkative);
  const seen = new Set<string>();
  let isRolling = true;
  const watch = async (): Promise<void> => {
    while (isRolling) seen.add(JSON.stringify(await versions().catch(() => [])));
  };
  const watching = watch();
  const { most } = await cost(() => fleet.done('restart', '--within', '5s'));
  isRolling = false;
  await watching;
  expect(most).toBeLessThanOrEqual(1);
  const mixed = [...seen].filter((text) => text.includes('"contract":1') && text.includes('"contract":2'));
  expect(mixed).not.toEqual([]);
  for (const version of await versions()) expect(version).toMatchObject({ contract: 2 });
});

const contracts = async (): Promise<unknown[]> =>
  (await versions()).map((version) => (version as { contract: number }).contract);

test('[SCALE-8] a deploy of a build that does not start goes back, and nobody is cut', async () => {
  nextRelease(fleet, 'broken', broken);
  const { total } = await cost(async () => {
    const { code, stderr } = await fleet.run(['restart', '--within', '5s']);
    expect(code).toBe(5);
    expect(stderr).toContain('All servers run the build from before (later).');
  });
  expect(total).toBe(0);
  expect(planOf(fleet)).toMatchObject({ servers: 3, release: 'later' });
  expect(await contracts()).toEqual([2, 2, 2]);
  expect(await fleet.status()).toMatchObject({ healthy: true });
});

test('[SCALE-8] a build that starts as the spare only goes back too: all servers are there, of the build before', async () => {
  const ports = (await fleet.status()).servers.map(({ port }) => `${port}`);
  nextRelease(fleet, 'spare-only', brokenOn(ports));
  await cost(async () => {
    const { code, stderr } = await fleet.run(['restart', '--within', '3s']);
    expect(code).toBe(5);
    expect(stderr).toContain('All servers run the build from before (later).');
  });
  expect(planOf(fleet)).toMatchObject({ servers: 3, release: 'later' });
  expect(await contracts()).toEqual([2, 2, 2]);
  expect((await fleet.apps()).filter(({ name }) => /\d$/.test(name))).toHaveLength(3);
  expect(await fleet.status()).toMatchObject({ healthy: true });
});

test('[SCALE-6] a deploy that is killed halfway is taken up by the next one', async () => {
  const stop = new AbortController();
  const cli = program(
    process.execPath,
    ['dist/cli/main.js', 'restart', '--within', '3s'],
    fleet.env,
    stop.signal,
    undefined,
    'SIGKILL',
  );
  const hasSpare = async (): Promise<void> =>
    expect(
      (await fleet.apps()).filter(({ name, status }) => /\d$/.test(name) && status === 'online'),
    ).toHaveLength(4);
  await eventually(hasSpare, 60_000);
  stop.abort();
  await cli;
  await fleet.done('restart', '--within', '3s');
  expect((await fleet.apps()).filter(({ name }) => /\d$/.test(name))).toHaveLength(3);
  expect(await fleet.status()).toMatchObject({ healthy: true });
  await everybodyIn(crowd);
});

test('[SCALE-6] a deploy of what is built brings all servers to it; a second one finds nothing to do', async () => {
  const { most } = await cost(() => fleet.done('deploy', '--within', '5s'));
  expect(most).toBeLessThanOrEqual(1);
  for (const version of await versions()) expect(version).toMatchObject({ contract: 1 });
  expect(await fleet.done('deploy')).toContain('run this build already');
});

test('[SCALE-10] pm2 reload replaces one server after the other, and everybody is back', async () => {
  const before = (await fleet.apps()).map(({ pid }) => pid);
  const ports = (await fleet.status()).servers.map(({ port }) => port);
  const absences: Absence[][] = [];
  await cost(async () => {
    const names = (await fleet.status()).servers.map(({ name }) => name).join();
    const reload = fleet.pm2('reload', 'ecosystem.config.js', '--only', names);
    let isOver = false;
    void reload.then(() => (isOver = true));
    absences.push(...(await Promise.all(ports.map((port) => absencesOf(port, () => isOver)))));
    expect((await reload).code).toBe(0);
  });
  expect(absences.map((of) => of.length)).toEqual(ports.map(() => 1));
  const inTurn = absences.flat().sort((one, two) => one.from - two.from);
  expect(inTurn.filter(({ from }, i) => i > 0 && from < inTurn[i - 1]!.to)).toEqual([]);
  const after = (await fleet.apps()).filter(({ name }) => /\d$/.test(name)).map(({ pid }) => pid);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
});

test('[SCALE-11] nginx reloaded once a second for a minute: nobody is cut, nobody sees an error', async () => {
  const files = nginxFiles(fleet.varDir);
  const result = await cost(async () => {
    for (let i = 0; i < 60; i++) {
      const start = Date.now();
      await program('nginx', ['-e', 'stderr', '-p', files.prefix, '-c', files.conf, '-s', 'reload'], {});
      await eventually(() => expect(Date.now() - start).toBeGreaterThanOrEqual(1_000));
    }
  });
  expect(result).toEqual({ most: 0, total: 0, errors: [] });
  // Old workers live as long as their WebSockets: there cannot be more of them than of these.
  expect(nginxWorkers(files).current.length).toBeGreaterThan(0);
});

test('[NGINX-30] a frozen server gets no newcomers within 15 s, and gets them again when it answers', async () => {
  const [server] = (await fleet.status()).servers;
  const { pid } = (await fleet.apps()).find(({ name }) => name === server!.name)!;
  const conf = (): string => readFileSync(join(fleet.varDir, 'nginx', 'nginx.conf'), 'utf8');
  process.kill(pid, 'SIGSTOP');
  try {
    await eventually(() => expect(conf()).toContain(`:${server!.port} max_fails=0 down;`), 15_000);
    expect(silentServers(fleet.varDir)).toEqual([endpointOf(server!)]);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await eventually(() => expect(conf()).not.toContain(' down;'), 15_000);
  await everybodyIn(crowd);
});

test('[SCALE-11] PM2 is killed, and the next start takes its fleet over: nothing is lost', async () => {
  const daemon = Number(readFileSync(join(fleet.env.PM2_HOME!, 'pm2.pid'), 'utf8'));
  await cost(async () => {
    process.kill(daemon, 'SIGKILL');
    await fleet.done('up');
  });
  expect(await fleet.status()).toMatchObject({ healthy: true });
});

test('[SCALE-11] after all that nothing was lost, doubled or out of order', async () => {
  await stop();
  await provenWell(crowd);
  await crowd.close();
});
