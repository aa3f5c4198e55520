import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load-settings';
import { canBeJoined } from '../../src/config/machines';
import { addressOf, hostName, isOn } from '../../src/fleet/address';
import { hostText, parseHost, serversOfHosts } from '../../src/fleet/hosts';
import { envText } from '../../src/fleet/host-env';
import { withJoined } from '../../src/fleet/nginx-joined';
import { renderNginx } from '../../src/fleet/nginx-render';
import { LEASE_MS, Leases } from '../../src/monitor/leases';
import { sharedOf } from '../../src/fleet/shared';

const template = readFileSync(join(__dirname, '../../nginx/nginx.conf.template'), 'utf8');
const around = { pages: '/pages', descriptors: 4_096, ipv6Loopback: false };
const conf = renderNginx(template, { servers: 2, basePort: 3001 }, loadSettings({}).settings, around);
const two = { address: '10.0.0.2', ports: [3001, 3002], leaving: [3003] };
const six = { address: 'fd00::6', ports: [4001], leaving: [] };

test('[HOSTS-1] the name of a host is its address, and tells it', () => {
  for (const [address, name] of [
    ['10.0.0.2', '10-0-0-2'],
    ['fd00::2', 'fd00--2'],
    ['::1', '--1'],
  ] as const)
    expect([hostName(address), addressOf(name)]).toEqual([name, address]);
  for (const name of ['b', '10-0-0', '10-0-0-256']) expect(addressOf(name)).toBeUndefined();
});

test('[HOSTS-8] a name tells on which machine a server is', () => {
  for (const [address, own, other] of [
    [undefined, 'chat-3001', '10-0-0-2.chat-3001'],
    ['10.0.0.2', '10-0-0-2.chat-3001', '10-0-0-3.chat-3001'],
    ['10.0.0.2', '10-0-0-2.chat-3001', 'chat-3001'],
  ] as const)
    expect([isOn(address, own), isOn(address, other)]).toEqual([true, false]);
});

test('[HOSTS-5] nothing but addresses and ports of a host gets through', () => {
  for (const host of [two, six]) expect(parseHost(hostText(host))).toEqual(host);
  const wrong: object[] = [
    { ...two, address: '10.0.0.2; }' },
    { ...two, address: 'b' },
    ...['127.0.0.1', '::1', '0.0.0.0', '::', '0:0:0:0:0:0:0:0'].map((address) => ({ ...two, address })),
    { ...two, address: 'fe80::1%eth0;' },
    { ...two, ports: ['3001; }'] },
    { ...two, ports: [0] },
    { ...two, leaving: [65_536] },
    { ...two, leaving: undefined },
    { ...two, ports: Array.from({ length: 257 }, (_, i) => i + 1) },
    [],
  ];
  for (const host of wrong) expect(parseHost(JSON.stringify(host))).toBeUndefined();
  for (const text of ['', 'null', '{', '1']) expect(parseHost(text)).toBeUndefined();
});

test('[HOSTS-7] what leads to joined hosts is put into a configuration, and taken out again without a trace', () => {
  const { servers, leaving } = serversOfHosts([two, six]);
  const joined = withJoined(conf, servers, leaving);
  const [, newcomers] = /upstream chat_newcomers \{([^}]*)\}/.exec(joined)!;
  expect([...newcomers!.matchAll(/server (\S+)/g)].map(([, endpoint]) => endpoint)).toEqual([
    '127.0.0.1:3001',
    '127.0.0.1:3002',
    '10.0.0.2:3001',
    '10.0.0.2:3002',
    '[fd00::6]:4001',
  ]);
  for (const name of ['10-0-0-2.chat-3001', '10-0-0-2.chat-3003', 'fd00--6.chat-4001']) {
    expect(joined.split(`        ${name} ${name};\n`)).toHaveLength(3);
    expect(joined).toMatch(new RegExp(`upstream ${name} \\{\\n {8}server \\S+:\\d+ max_fails=0;`));
  }
  expect(withJoined(joined, servers, leaving)).toBe(joined);
  const silent = joined.replace('10.0.0.2:3001 max_fails=0;', '10.0.0.2:3001 max_fails=0 down;');
  expect(withJoined(silent, [], [])).toBe(conf);
});

test('[HOSTS-4] a lease is over when the entry does not change, or is not there', () => {
  const leases = new Leases(60_000);
  leases.heard(new Map([['a', '1'], ['b', '1']]), 0); // prettier-ignore
  leases.heard(new Map([['a', '2'], ['b', '1']]), LEASE_MS - 1); // prettier-ignore
  expect(['a', 'b', 'c'].map((name) => leases.isOver(name, LEASE_MS))).toEqual([false, true, true]);
  leases.heard(new Map([['b', '2']]), LEASE_MS);
  expect(['a', 'b'].map((name) => leases.isOver(name, LEASE_MS))).toEqual([true, false]);
});

test('[HOSTS-4] while Redis is away no lease ends', () => {
  const leases = new Leases(60_000);
  leases.heard(new Map([['a', '1']]), 0);
  leases.missed(100_000);
  leases.heard(new Map([['a', '1']]), 100_000);
  expect(leases.isOver('a', 100_000 + LEASE_MS - 1)).toBe(false);
  expect(leases.isOver('a', 100_000 + LEASE_MS)).toBe(true);
});

test('[HOSTS-4] a host is gone when nothing listens there, or nothing has answered for long', () => {
  const leases = new Leases(60_000);
  expect(leases.isGone('a', ['refused', 'refused'], 0)).toBe(true);
  expect(leases.isGone('b', ['refused', 'no'], 0)).toBe(false);
  expect(leases.isGone('b', ['no', 'no'], 59_999)).toBe(false);
  expect(leases.isGone('b', ['no', 'no'], 60_000)).toBe(true);
  expect(leases.isGone('c', ['no'], 0)).toBe(false);
  expect(leases.isGone('c', ['yes'], 30_000)).toBe(false);
  expect(leases.isGone('c', ['no'], 60_000)).toBe(false);
});

const secrets = {
  guestSecret: 'g',
  tokenSecret: 't',
  operatorSecret: 'o',
  redisPassword: 'r',
  opsToken: 'p',
};
const shared = sharedOf(
  loadSettings({ HTTP_HOST: '0.0.0.0', KEEP_DAYS: '7', SERVERS: '3' }).settings,
  secrets,
);
const redis = 'redis://:pw@10.0.0.1:6390';

test('[HOSTS-1] a host has the settings of the fleet, but its own of what concerns a machine', () => {
  const text = envText('OPS_PORT=9000\n', { redis, servers: 4 }, '10.0.0.2', shared);
  const { settings } = loadSettings({}, text);
  expect(settings).toMatchObject({ redisUrl: redis, serverHost: '10.0.0.2', servers: 4, opsPort: 9_000 });
  expect(settings).toMatchObject({ keepDays: 7, guests: false, httpHost: '127.0.0.1' });
  expect(JSON.stringify(shared)).not.toMatch(/"r"|"p"/);
  expect(envText(text, { redis }, '10.0.0.2', shared)).toBe(text);
  const later = { ...shared, settings: { ...shared.settings, KEEP_DAYS: '8' } };
  expect(loadSettings({}, envText(text, { redis }, '10.0.0.2', later)).settings).toMatchObject({
    keepDays: 8,
    servers: 4,
  });
});

test('[HOSTS-2] a fleet.env that says something else is not overwritten', () => {
  const other = ['REDIS_URL=redis://elsewhere', 'SERVER_HOST=10.0.0.3', 'KEEP_DAYS=9'];
  for (const text of other)
    expect(() => envText(text, { redis }, '10.0.0.2', shared)).toThrow(text.split('=')[0]);
});

test('[HOSTS-1] only a fleet whose Redis others can reach tells its secrets there', () => {
  const can = (env: Record<string, string>): boolean => canBeJoined(loadSettings(env).settings);
  expect(can({ REDIS_BIND: '10.0.0.1' })).toBe(true);
  expect(can({ REDIS_URL: 'redis://10.0.0.1' })).toBe(true);
  for (const url of ['redis://127.0.0.1:6379', 'redis://localhost', 'redis://[::1]'])
    expect(can({ REDIS_URL: url })).toBe(false);
  expect(can({})).toBe(false);
  expect(can({ REDIS_URL: 'redis://10.0.0.1', SERVER_HOST: '10.0.0.2' })).toBe(false);
});
