import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load-settings';
import type { Settings } from '../../src/config/settings';
import { otherDoors, sameRoutes } from '../../src/fleet/nginx-use';
import { markSilent, renderNginx, type NginxSurroundings } from '../../src/fleet/nginx-render';

const folder = join(__dirname, '..', '..', 'nginx');
const template = readFileSync(join(folder, 'nginx.conf.template'), 'utf8');
const around: NginxSurroundings = {
  pages: '/opt/chatfleet/dist/web',
  descriptors: 20_000,
  ipv6Loopback: true,
};
const plan = { servers: 4, basePort: 3001 };

const render = (env: Record<string, string> = {}, more: Partial<NginxSurroundings> = {}): string =>
  renderNginx(template, plan, loadSettings(env).settings, { ...around, ...more });

test('[NGINX-18] the example in nginx/ is what a fleet of four servers gets', () => {
  expect(readFileSync(join(folder, 'example-4-servers.conf'), 'utf8')).toBe(render());
});

test('[NGINX-19] every placeholder is filled, and an unknown one is an error', () => {
  expect(render()).not.toMatch(/[{]{2}|[}]{2}|undefined|NaN/);
  expect(() => renderNginx('{{nothing}}', plan, loadSettings({}).settings, around)).toThrow('{{nothing}}');
});

test('[NGINX-20] it listens where the settings say, on IPv6 loopback only if there is one', () => {
  const listens = (text: string): string[] => [...text.matchAll(/listen (\S+)/g)].map((found) => found[1]!);
  expect(listens(render({ HTTP_PORT: '9000' }))).toEqual(['127.0.0.1:9000', '[::1]:9000']);
  expect(listens(render({}, { ipv6Loopback: false }))).toEqual(['127.0.0.1:8080']);
  expect(listens(render({ HTTP_HOST: '0.0.0.0' }))).toEqual(['0.0.0.0:8080']);
  expect(listens(render({ HTTP_HOST: '::' }))).toEqual(['[::]:8080']);
});

test('[SCALE-12] a configuration says how it is reached, whatever is edited in it; an older one does not', () => {
  const tls = { TLS_CERT: '/etc/chat.pem', TLS_KEY: '/etc/chat.key' };
  const env = { HTTP_PORT: '443', REAL_IP_FROM: '10.0.0.0/8,::1', ...tls };
  const [here, there] = [{}, env].map((each) => loadSettings(each).settings) as [Settings, Settings];
  const published = render(env).replace('listen 127.0.0.1:443', 'listen 8443');
  expect(otherDoors(published, there)).toEqual([]);
  expect(otherDoors(published, here)).toEqual([
    { name: 'HTTP_PORT', inUse: '443', here: '8080' },
    { name: 'TLS_CERT', inUse: '/etc/chat.pem', here: '' },
    { name: 'TLS_KEY', inUse: '/etc/chat.key', here: '' },
    { name: 'REAL_IP_FROM', inUse: '10.0.0.0/8,::1', here: '' },
  ]);
  expect(otherDoors(published.replace(/^# Reached by.*$/m, ''), here)).toEqual([]);
});

test('[SCALE-13] two configurations lead to the same servers, or not, whoever is silent', () => {
  const grown = renderNginx(template, { servers: 5, basePort: 3001 }, loadSettings({}).settings, around);
  expect(sameRoutes(render(), grown)).toBe(false);
  expect(sameRoutes(render({ HTTP_PORT: '9000' }), markSilent(render(), ['127.0.0.1:3002']))).toBe(true);
});

test('[NGINX-21] an idle connection outlives the slowest heartbeat', () => {
  const text = render({ PING_INTERVAL_MS: '25000', PING_TIMEOUT_MS: '20000' });
  expect(text).toContain('proxy_read_timeout 55s;');
  expect(render({ PING_INTERVAL_MS: '300000' })).toContain('proxy_read_timeout 330s;');
});

test('[NGINX-23] newcomers are spread as BALANCE says, by network if it says nothing', () => {
  const method = (env: Record<string, string>): string =>
    /zone chat_newcomers .*\n +(.+)\n/.exec(render(env))![1]!;
  expect(method({})).toBe('ip_hash;');
  expect(method({ BALANCE: 'least_conn' })).toBe('random two least_conn;');
  expect(method({ BALANCE: 'consistent' })).toBe('hash $remote_addr consistent;');
  expect(() => render({ BALANCE: 'random' })).toThrow('expected one of ip_hash, least_conn, consistent');
});

test('[NGINX-27] a certificate without its key, or a proxy that is no address, is refused by its setting', () => {
  for (const [name, value] of Object.entries({ TLS_CERT: '/etc/cert.pem', TLS_KEY: '/etc/key.pem' }))
    expect(() => render({ [name]: value })).toThrow('TLS_CERT and TLS_KEY');
  for (const wrong of ['cert.pem', '/etc/"cert.pem', '/etc/$cert.pem'])
    expect(() => render({ TLS_CERT: wrong, TLS_KEY: wrong })).toThrow('absolute path');
  for (const wrong of ['proxy', '10.0.0.0/33', '10.0.0.0/8/8', '::1/129', '10.0.0.0/', '10.0.0.1;'])
    expect(() => render({ REAL_IP_FROM: wrong })).toThrow('REAL_IP_FROM=');
  expect(render({ REAL_IP_FROM: '10.0.0.0/8, ::1' })).toContain('set_real_ip_from ::1;');
});

test('[NGINX-22] connections stay below the descriptors that a process may have', () => {
  const limits = (descriptors: number): number[] =>
    ['worker_rlimit_nofile', 'worker_connections'].map((name) =>
      Number(new RegExp(`${name} (\\d+);`).exec(render({}, { descriptors }))![1]),
    );
  expect(limits(20_000)).toEqual([20_000, 19_744]);
  expect(limits(Infinity)).toEqual([65_536, 65_280]);
});

const at = (...ports: number[]): string[] => ports.map((port) => `127.0.0.1:${port}`);

test('[NGINX-30] nobody new is led to a silent server, unless nobody answers', () => {
  const marked = markSilent(render(), at(3002, 3004));
  const newcomers = (text: string): string[] =>
    [.../upstream chat_newcomers \{([^}]*)\}/.exec(text)![1]!.matchAll(/:(\d+)[^;]*( down)/g)].map(
      (found) => found[1]!,
    );
  expect(newcomers(marked)).toEqual(['3002', '3004']);
  expect(markSilent(marked, [])).toBe(render());
  expect(markSilent(marked, at(3001, 3002, 3003, 3004))).toBe(render());
  // Their sessions are still brought to them.
  expect(marked.match(/ down;/g)).toHaveLength(2);
});

test('[SCALE-5] sessions of servers that go are still brought to them, but nobody new', () => {
  const text = renderNginx(
    template,
    { servers: 1, basePort: 3001, leaving: [3002] },
    loadSettings({}).settings,
    around,
  );
  expect(text).toMatch(/upstream chat_newcomers \{[^}]*:3001 [^}]*\}/);
  expect(text).not.toMatch(/upstream chat_newcomers \{[^}]*:3002 [^}]*\}/);
  expect(text).toContain('upstream chat-3002 {');
  expect(text.match(/^ {8}chat-3002 chat-3002;$/gm)).toHaveLength(2);
});
