import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSecrets } from '../../src/config/secrets';
import { fleetProcesses, isAlive } from '../../src/fleet/processes';
import { Crowd } from '../../src/load/crowd';
import { groupBy } from '../../src/server/flow/group';
import { everybodyIn, lossesOf, provenWell, reasonsOf, sendOn, sumOf } from '../support/busy-fleet';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { canMakeHosts, testHosts, type TestHost } from '../support/hosts';
import { enter, named, refusedConnection } from '../support/person';

jest.setTimeout(240_000);

const CLIENTS = Number(process.env.CROWD ?? 500);
const RATE = Number(process.env.RATE ?? 200);
const ROOMS = Array.from({ length: 6 }, (_, i) => `hosts-${i}`);

if (!canMakeHosts) console.info('left out: network namespaces need root');
const onHosts = canMakeHosts ? test : test.skip;

let first: TestHost;
let second: TestHost;
let crowd: Crowd;
let stop: () => Promise<void>;
let redis: string;

const conf = (): string => readFileSync(join(first.varDir, 'nginx', 'nginx.conf'), 'utf8');
/** Lines of the newcomers' upstream that lead to the second host. */
const newcomers = (): string[] =>
  [.../upstream chat_newcomers \{([^}]*)\}/.exec(conf())![1]!.matchAll(/server (\S+) max_fails=0( down)?;/g)]
    .filter(([, endpoint]) => endpoint!.startsWith(second.address))
    .map(([, endpoint, down]) => `${endpoint!.split(':')[1]}${down ?? ''}`);
const onSecond = async (): Promise<number> => {
  const { servers } = await second.status();
  return sumOf(servers.map(({ connections }) => connections ?? 0));
};
const join2 = (url = redis, ...more: string[]) =>
  second.run(['join', '--redis', url, '--servers', '2', ...more]);

beforeAll(async () => {
  if (!canMakeHosts) return;
  [first, second] = testHosts(2) as [TestHost, TestHost];
  Object.assign(first.env, {
    SERVERS: '2',
    HTTP_HOST: first.address,
    REDIS_BIND: first.address,
    GUESTS: 'yes',
    BALANCE: 'least_conn',
    // Short, so that people of a host that is lost soon come back; not so short that a busy machine misses one.
    PING_INTERVAL_MS: '5000',
    PING_TIMEOUT_MS: '10000',
  });
  await first.done('up');
  redis = /redis:\/\/[^']+/.exec(await first.done('join'))![0];
});

onHosts('[HOSTS-2] a join that cannot be is refused with the reason, and changes nothing', async () => {
  const refusals: [Promise<{ code: number; stderr: string }>, RegExp][] = [
    [join2(redis.replace(first.address, first.address.replace(/\d+$/, '99'))), /cannot be reached/],
    [join2(redis.replace(/:6390$/, ':6391')), /cannot be reached: .*ECONNREFUSED/],
    [join2(redis.replace(/:\/\/:[^@]+@/, '://:wrong@')), /password/],
    [join2(redis, '--address', first.address), /is not an address of this machine/],
    [join2(redis, '--address', '127.0.0.1'), /is not an address of this machine/],
    [second.run(['join', '--redis', redis], { KEY_PREFIX: 'other:' }), /No fleet that can be joined/],
    [first.run(['join', '--redis', redis]), /has a fleet of its own/],
  ];
  for (const [refused, why] of refusals) {
    const { code, stderr } = await refused;
    expect(stderr).toMatch(why);
    expect(stderr).toContain('Nothing was changed.');
    expect(code).toBe(4);
  }
  expect(existsSync(join(second.root, 'fleet.env'))).toBe(false);
  expect(existsSync(join(second.varDir, 'fleet.json'))).toBe(false);
});

onHosts(
  '[HOSTS-1] a second machine joins, and its servers are in nginx when the command is over',
  async () => {
    const { code, stdout, stderr } = await join2();
    expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
    expect(stdout).toContain('with 2 servers');
    expect(newcomers()).toEqual(['3001', '3002']);
    expect(statSync(join(second.root, 'fleet.env')).mode & 0o777).toBe(0o600);
    const names = (await first.status()).servers.map(({ name, state }) => `${name} ${state}`);
    const there = second.address.replaceAll('.', '-');
    expect(names).toEqual(['chat-3001 ok', 'chat-3002 ok', `${there}.chat-3001 ok`, `${there}.chat-3002 ok`]);
    expect(await first.status()).toMatchObject({ healthy: true });
    expect(await second.status()).toMatchObject({ healthy: true, joined: `${first.address}:6390`, url: '' });
    const again = JSON.parse(await second.done('join', '--redis', redis, '--json')) as { started: string[] };
    expect(again.started).toEqual([]);
    // Whatever else doctor finds on a busy machine.
    for (const host of [first, second])
      expect((await host.run(['doctor'])).stdout).toContain('ok  Plan, PM2, nginx and live ports agree');
  },
);

onHosts(
  '[HOSTS-6] servers of a joined host give their figures to their machine and the operator alone',
  async () => {
    const url = `http://${second.address}:3001`;
    const { operatorSecret } = readSecrets(first.varDir);
    const status = async (path: string, options?: RequestInit): Promise<number> =>
      (await fetch(`${url}${path}`, options)).status;
    expect(await status('/stats')).toBe(404);
    expect(await status('/stats', { headers: { Authorization: 'Bearer x' } })).toBe(404);
    expect(await status('/stats', { headers: { Authorization: `Bearer ${operatorSecret}` } })).toBe(200);
    expect(await status('/operator/close', { method: 'POST' })).toBe(401);
    expect((await fetch(`http://${first.address}:8080/stats`)).status).toBe(404);
  },
);

onHosts('[HOSTS-3] people on both hosts chat, by polling and by WebSocket', async () => {
  crowd = new Crowd({
    urls: [`http://${first.address}:8080`],
    clients: CLIENTS,
    transports: ['polling', 'websocket', 'upgrade'],
    rooms: (client) => [ROOMS[client % ROOMS.length]!],
  });
  onCleanup(() => crowd.close());
  console.info(`seed ${crowd.seed}`);
  await crowd.connectAll();
  stop = sendOn(crowd, RATE, ROOMS);
  expect(await onSecond()).toBeGreaterThan(CLIENTS / 4);
});

onHosts(
  '[HOSTS-9] who is kicked on one machine is kicked on the other, and banned there as well',
  async () => {
    // By nginx, which gives each newcomer to the server with the fewest, and straight to one of the second machine.
    const doors = [`http://${first.address}:8080`, `http://${second.address}:3001`];
    const each = [...Array<string>(7).fill(doors[0]!), doors[1]!].map((url) => ({ url }));
    const eves = await Promise.all(each.map((door) => enter(door, named('Eve'))));
    const byes: string[] = [];
    for (const { socket } of eves) socket.on('bye', ({ code }) => byes.push(code));
    expect(await first.done('kick', 'guest:Eve', '--for', '1h')).toContain(
      '8 connections of guest:Eve ended',
    );
    await eventually(() => expect(byes).toEqual(eves.map(() => 'kicked')));
    for (const url of doors)
      await eventually(async () => expect((await refusedConnection(url, named('Eve'))).code).toBe('kicked'));
    expect(await second.done('unban', 'guest:Eve')).toBe('guest:Eve may connect again.\n');
    for (const url of doors) await eventually(() => enter({ url }, named('Eve')));
  },
);

/** Does something to the fleet and says how many connections it cost, together and the unluckiest client. */
async function cost(what: string, work: () => Promise<unknown>): Promise<{ total: number; most: number }> {
  const before = lossesOf(crowd);
  await work();
  await everybodyIn(crowd);
  const each = lossesOf(crowd).map((count, i) => count - before[i]!);
  const result = { total: sumOf(each), most: Math.max(...each) };
  const why = reasonsOf(crowd).flatMap((reasons, i) => reasons.slice(before[i]));
  const reasons = [...groupBy(why, (words) => words)].map(([words, all]) => `${all.length} ${words}`);
  console.info(`${what}: ${JSON.stringify(result)} connections lost; ${reasons.join('; ')}`);
  return result;
}

onHosts('[HOSTS-3] the second host gets a third server and gives it back', async () => {
  expect(await cost('scale 3', () => second.done('scale', '3'))).toMatchObject({ total: 0 });
  expect(newcomers()).toEqual(['3001', '3002', '3003']);
  await cost('scale 2', () => second.done('scale', '2', '--within', '5s'));
  expect(newcomers()).toEqual(['3001', '3002']);
  expect(await cost('scale the first', () => first.done('scale', '3'))).toMatchObject({ total: 0 });
  await cost('and back', () => first.done('scale', '2', '--within', '5s'));
  expect(newcomers()).toEqual(['3001', '3002']);
});

onHosts(
  '[HOSTS-3] a scale that the nginx side does not hear of is undone, in what the host says as well',
  async () => {
    const registration = (): string => readFileSync(join(second.varDir, 'registration.json'), 'utf8');
    const said = registration();
    const { pid } = fleetProcesses(first.varDir).find(({ kind }) => kind === 'monitor')!;
    onCleanup(() => void (isAlive(pid) && process.kill(pid, 'SIGCONT')));
    process.kill(pid, 'SIGSTOP');
    expect(await second.run(['scale', '3'])).toMatchObject({ code: 5 });
    process.kill(pid, 'SIGCONT');
    expect(registration()).toBe(said);
    expect((await second.status()).servers).toHaveLength(2);
    expect(newcomers()).toEqual(['3001', '3002']);
  },
);

onHosts('[HOSTS-3] the second host leaves: its people go to the first one; and comes again', async () => {
  const { most } = await cost('down', () => second.done('down'));
  expect(most).toBeLessThanOrEqual(1);
  await eventually(() => expect(conf()).not.toContain(second.address), 15_000);
  expect((await first.status()).servers).toHaveLength(2);
  await second.done('up');
  expect(newcomers()).toEqual(['3001', '3002']);
  await second.done('restart', '--within', '3s');
  expect(newcomers()).toHaveLength(2);
  await second.done('deploy', '--within', '3s');
  expect(newcomers()).toHaveLength(2);
  const { before } = JSON.parse(await first.done('rebalance', '--within', '3s', '--json')) as {
    before: number[];
  };
  expect(before).toHaveLength(4);
});

onHosts(
  '[HOSTS-4] a host that is cut off gets no newcomers within 15 s, stays known, and is back by itself',
  async () => {
    const known = newcomers();
    second.cable('down');
    await eventually(() => expect(newcomers()).toEqual(known.map((port) => `${port} down`)), 15_000);
    await everybodyIn(crowd);
    const { servers } = await first.status();
    expect(servers.map(({ state }) => state)).toEqual(['ok', 'ok', 'no answer', 'no answer']);
    second.cable('up');
    await eventually(() => expect(newcomers()).toEqual(known), 30_000);
    await eventually(async () => expect(await first.status()).toMatchObject({ healthy: true }), 30_000);
  },
);

onHosts(
  '[HOSTS-4] a host that is dead is dropped, and nothing that was acknowledged in its log is lost',
  async () => {
    second.kill();
    await eventually(() => expect(conf()).not.toContain(second.address), 40_000);
    await everybodyIn(crowd);
    expect(await first.status()).toMatchObject({ healthy: true });
    // What its servers had on their disk goes into the logs when they are there again.
    await second.done('up');
    expect(newcomers()).toHaveLength(2);
  },
);

onHosts('[HOSTS-3] after all that nothing was lost, doubled or out of order', async () => {
  await stop();
  await provenWell(crowd);
  await crowd.close();
});
