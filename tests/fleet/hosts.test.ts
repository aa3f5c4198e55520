import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { loadSettings } from '../../src/config/load-settings';
import type { Settings } from '../../src/config/settings';
import { isOn } from '../../src/fleet/address';
import { readHosts, type JoinedHost } from '../../src/fleet/hosts';
import { serversOf, type Plan } from '../../src/fleet/plan';
import { Registry } from '../../src/fleet/registry';
import { HostWatch } from '../../src/monitor/host-watch';
import { UpstreamWatch } from '../../src/monitor/upstreams';
import type { Redis } from '../../src/redis/redis';
import { hourKey, hourOf } from '../../src/usage/hours';
import { readUsage } from '../../src/usage/reader';
import { eventually } from '../support/eventually';
import { openRedis } from '../support/open-redis';
import { ask, startNginx, type TestNginx } from '../support/nginx';
import { freePortRun } from '../support/port-run';
import { startRedis, type TestRedis } from '../support/redis';
import { startStandIn, type StandIn } from '../support/stand-in';

const ADDRESS = '127.0.0.2';

let plan: Plan;
let nginx: TestNginx;
let redis: TestRedis;
let settings: Settings;
let opened: Redis;
let registry: Registry;
let there: StandIn;
let host: JoinedHost;
let watch: UpstreamWatch;
const said: string[] = [];

beforeAll(async () => {
  const basePort = await freePortRun(3);
  plan = { servers: 2, basePort };
  await Promise.all(serversOf(plan).map(({ port }) => startStandIn(port)));
  there = await startStandIn(basePort + 2, ADDRESS);
  host = { address: ADDRESS, ports: [there.port], leaving: [] };
  [nginx, redis] = await Promise.all([startNginx(plan), startRedis()]);
  settings = loadSettings({ REDIS_URL: redis.url, VAR_DIR: dirname(nginx.files.prefix) }).settings;
  opened = await openRedis(redis.url);
  registry = new Registry(opened, settings);
  watch = newWatch();
  jest.spyOn(console, 'error').mockImplementation((what: unknown) => void said.push(String(what)));
});

const newWatch = (): UpstreamWatch =>
  new UpstreamWatch(settings.varDir, () => serversOf(plan), new HostWatch(settings, opened));
const conf = (): string => readFileSync(nginx.files.conf, 'utf8');
const servedBy = async (query = ''): Promise<Set<string>> => {
  const replies = Array.from({ length: 12 }, (_, i) =>
    ask(nginx.port, `/socket.io/?EIO=4&transport=polling${query}`, { localAddress: `127.${1 + i}.0.1` }),
  );
  return new Set((await Promise.all(replies)).map(({ body }) => body));
};

test('[HOSTS-1] a host that says it is there gets newcomers and its own sessions, and hears of it', async () => {
  const before = conf();
  await watch.look();
  expect(conf()).toBe(before);
  await registry.register(host);
  expect(await registry.isTaken(host)).toBe(false);
  await watch.look();
  expect(await registry.isTaken(host)).toBe(true);
  expect(await servedBy()).toContain(`${there.port}`);
  expect(await servedBy(`&sid=127-0-0-2.chat-${there.port}~x`)).toEqual(new Set([`${there.port}`]));
  expect(await servedBy(`&server=127-0-0-2.chat-${there.port}`)).toEqual(new Set([`${there.port}`]));
});

test('[HOSTS-5] an entry that is no host is not taken for one', async () => {
  const before = conf();
  const entries = {
    '10-0-0-9': '{"address":"10.0.0.9; }","ports":[1],"leaving":[]}',
    other: JSON.stringify({ address: '10.0.0.9', ports: [1], leaving: [] }),
    text: 'x',
  };
  await opened.run('chat:fleet:hosts', (client) => client.hSet('chat:fleet:hosts', entries));
  await watch.look();
  expect(conf()).toBe(before);
});

test('[HOSTS-4] a Redis that is away, or has forgotten all, drops nobody; a new monitor neither', async () => {
  const before = conf();
  await redis.kill();
  await watch.look();
  expect(said.join()).toContain('The list of hosts stays as it is');
  await redis.start();
  await eventually(() => expect(opened.ready).toBe(true));
  await opened.run('', (client) => client.flushAll());
  await watch.look();
  await newWatch().look();
  expect(conf()).toBe(before);
});

test('[HOSTS-4] a server that goes keeps its sessions; a host that has left is dropped', async () => {
  await registry.register({ ...host, ports: [], leaving: [there.port] });
  await watch.look();
  expect(await servedBy()).not.toContain(`${there.port}`);
  expect(await servedBy(`&sid=127-0-0-2.chat-${there.port}~x`)).toEqual(new Set([`${there.port}`]));

  await registry.remove(ADDRESS);
  await watch.look();
  expect(readHosts(settings.varDir)).toHaveLength(1);
  await there.close();
  await watch.look();
  expect(readHosts(settings.varDir)).toEqual([]);
  expect(conf()).toBe(nginx.render());
});

test('[HOSTS-8] what servers of other machines did is not counted here', async () => {
  const hour = hourOf(Date.now());
  const counted = { 'chat-3001:a:deliveries': '1', [`127-0-0-2.chat-3001:b:deliveries`]: '10' };
  const key = hourKey('chat:', hour);
  await opened.run(key, (client) => client.hSet(key, counted));
  const read = (address?: string) =>
    readUsage(opened, 'chat:', hour, hour + 1, (server) => isOn(address, server));
  expect(await read()).toEqual([{ hour, totals: { deliveries: 1 } }]);
  expect(await read(ADDRESS)).toEqual([{ hour, totals: { deliveries: 10 } }]);
});
