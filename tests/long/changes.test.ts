import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nginxFiles } from '../../src/fleet/nginx';
import { takeLock } from '../../src/fleet/lock';
import type { Plan } from '../../src/fleet/plan';
import { fleetProcesses } from '../../src/fleet/processes';
import { reloadNginx } from '../../src/fleet/reload';
import { eventually } from '../support/eventually';
import { testFleet, type TestFleet } from '../support/fleet';

jest.setTimeout(180_000);

let fleet: TestFleet;

beforeAll(async () => {
  fleet = await testFleet(3);
  fleet.env.REAL_IP_FROM = '127.0.0.2';
  await fleet.done('up');
  await fleet.done('scale', '2');
});

const planned = (): Plan => JSON.parse(readFileSync(join(fleet.varDir, 'fleet.json'), 'utf8')) as Plan;
const nginxConf = (): string => readFileSync(nginxFiles(fleet.varDir).conf, 'utf8');
const elsewhere = { REAL_IP_FROM: undefined };
const servers = (): number[] =>
  fleetProcesses(fleet.varDir).flatMap(({ pid, kind }) => (kind === 'server' ? [pid] : []));

test('[SCALE-12] a command from a shell with other settings changes nothing, and says which', async () => {
  const before = { plan: planned(), conf: nginxConf(), servers: servers() };
  const refused = async (args: string[], elsewhere: Record<string, string | undefined>, says: string) => {
    const { code, stderr } = await fleet.run(args, elsewhere);
    expect([args, code]).toEqual([args, 4]);
    expect(stderr).toContain(says);
    expect(stderr).toContain('put them into fleet.env');
  };
  const port = `HTTP_PORT is ${fleet.httpPort}, here 8080\n`;
  await refused(['restart'], { HTTP_PORT: undefined }, port);
  // Said by nobody there, beside others that are.
  for (const args of [
    ['scale', '3'],
    ['nginx', 'reload'],
  ])
    await refused(args, elsewhere, 'REAL_IP_FROM is 127.0.0.2, here empty\n');
  expect({ plan: planned(), conf: nginxConf(), servers: servers() }).toEqual(before);
  // What is said is what is wanted.
  expect(await fleet.run(['nginx', 'reload'], { REAL_IP_FROM: '127.0.0.3' })).toMatchObject({ code: 0 });
  expect(nginxConf()).toContain('set_real_ip_from 127.0.0.3;');
  await fleet.done('nginx', 'reload');
  expect(nginxConf()).toBe(before.conf);
});

test('[CLI-9] a command that waits for another one ends at Ctrl-C, and has begun nothing', async () => {
  const before = planned();
  const lock = await takeLock(join(fleet.varDir, 'fleet.lock'));
  const abort = new AbortController();
  const waiting = fleet.run(['scale', '3'], {}, abort.signal);
  await sleep(1_000); // it has said that it waits by then
  abort.abort();
  expect(await waiting).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('Nothing was changed.') as string,
  });
  lock!.release();
  // Nor does anybody hold the lock in its name.
  (await takeLock(join(fleet.varDir, 'fleet.lock')))!.release();
  expect(planned()).toEqual(before);
});

test.each([['scale', '3'], ['up']])(
  '[SCALE-13] %s has nginx lead to servers that a killed scale had started',
  async (...args) => {
    const [files, two] = [nginxFiles(fleet.varDir), nginxConf()];
    await fleet.done('scale', '3');
    const three = nginxConf();
    await reloadNginx(two, files); // so far it had not come
    expect(await fleet.run(args, elsewhere)).toMatchObject({ code: 4 });
    expect(nginxConf()).toBe(two);
    await fleet.done(...args);
    expect(nginxConf()).toBe(three);
    await fleet.done('scale', '2');
    // It still knows the one that left. That is no reason for another reload.
    const after = nginxConf();
    await fleet.done('scale', '2');
    expect(nginxConf()).toBe(after);
  },
);

test('[SCALE-14] SERVERS that is changed meanwhile changes nothing before the next start, and counts then', async () => {
  const more = { SERVERS: '1' };
  const before = planned();
  const named = `chat-${fleet.basePort}`;
  expect(await fleet.run(['restart', named], more)).toMatchObject({ code: 0 });
  expect(planned()).toEqual(before);
  expect(await fleet.run(['restart'], more)).toMatchObject({ code: 0 });
  expect(planned()).toMatchObject({ servers: 2, answered: 3 });
  expect((await fleet.status()).healthy).toBe(true);
  await fleet.done('down');
  expect(await fleet.run(['up'], more)).toMatchObject({ code: 0 });
  await eventually(() => expect(servers()).toHaveLength(1));
});
