import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountName } from '../../src/fleet/account';
import { logRotation, serviceUnit, type Service } from '../../src/fleet/service-files';
import { peopleAtMost, rootWarning, sizingWarning } from '../../src/fleet/sizing';
import { onCleanup } from '../support/cleanup';

const folder = mkdtempSync(join(tmpdir(), 'chat service 100% $HOME "x"-'));
onCleanup(() => rmSync(folder, { recursive: true, force: true }));

/** In a folder with all that is special in systemd's files. */
const service: Service = {
  root: folder,
  varDir: '/srv/chat/var',
  node: process.execPath,
  user: 'daemon',
  group: 'daemon',
  pm2Home: '/srv/chat/.pm2',
  environment: { PATH: '/usr/bin', KEY_PREFIX: 'a "b" 100% $c \\d' },
  httpPort: 8080,
};

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

test('[PROD-1] the unit of systemd is one that systemd-analyze accepts, whatever is in names and values', () => {
  const text = serviceUnit(service);
  expect(text).toContain('Environment="KEY_PREFIX=a \\"b\\" 100%% $c \\\\d"');
  if (!hasSystemd) return console.warn('systemd-analyze is not here: the unit is not verified');
  mkdirSync(join(folder, 'dist', 'cli'), { recursive: true });
  const unit = join(folder, 'chatfleet.service');
  writeFileSync(unit, text);
  chmodSync(folder, 0o755);
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  const about = stderr.split('\n').filter((line) => line.includes('chatfleet'));
  expect({ status, about }).toEqual({ status: 0, about: [] });
});

test('[PROD-2] the unit gives what a fleet needs: descriptors, low ports only if one is used, one server lost alone', () => {
  const text = serviceUnit(service);
  for (const line of ['User=daemon', 'LimitNOFILE=65536', 'OOMPolicy=continue', 'WantedBy=multi-user.target'])
    expect(text).toContain(`${line}\n`);
  expect(text).not.toContain('AmbientCapabilities');
  expect(serviceUnit({ ...service, httpPort: 443 })).toContain('AmbientCapabilities=CAP_NET_BIND_SERVICE\n');
});

test('[PROD-3] nobody installs the fleet as root', () => {
  for (const name of ['root', '0', 'a b', '-x', 'x;y'])
    expect(() => accountName(folder, name)).toThrow('cannot run as');
  expect(accountName(folder, 'somebody')).toBe('somebody');
  if (process.getuid?.() === 0) expect(accountName(folder)).toBe('chatfleet');
});

test('[PROD-4] the rotation names the logs, their owner and the PM2 that has them open', () => {
  const text = logRotation(service);
  expect(text).toMatch(/^"\/srv\/chat\/var\/log\/\*\.log" \{\n +su daemon daemon\n/);
  expect(text).toContain(`kill -USR2 "$(cat '/srv/chat/.pm2/pm2.pid')"`);
  expect(() => execFileSync('sh', ['-n', '-c', /postrotate\n([^]*)endscript/.exec(text)![1]!])).not.toThrow();
});

test('[PROD-5] too few descriptors for 10,000 people are told with what to type, and root too', () => {
  expect(sizingWarning(65_536, 1, 2)).toBeUndefined();
  expect(sizingWarning(Infinity, 1, 2)).toBeUndefined();
  expect(peopleAtMost(1_024, 2, 4)).toBe(768);
  expect(sizingWarning(1_024, 2, 4)).toMatchObject({
    what: expect.stringContaining('1024 files open here, so about 768 people') as string,
    next: expect.stringContaining('ulimit -n 65536') as string,
  });
  // One server alone holds less than nginx does.
  expect(peopleAtMost(20_000, 4, 1)).toBe(19_936);
  expect(rootWarning(0)?.next).toContain('fleet install');
  expect(rootWarning(1_000)).toBeUndefined();
});
