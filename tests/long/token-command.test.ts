import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { loadSettings } from '../../src/config/load-settings';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { program, projectRoot } from '../support/fleet';
import { enter, refusedConnection, startServers } from '../support/person';
import { freePort } from '../support/ports';
import { startRedis, type TestRedis } from '../support/redis';
import { connected, type TestServer } from '../support/server';
import { tokenFor } from '../support/tokens';

const JWT_SECRET = 'a secret of the operator, of 32 bytes or more';
const JWT_JWKS_URL = 'https://login.example.org/keys';
const cli = join(projectRoot, 'dist', 'cli', 'main.js');

let varDir: string;
let redis: TestRedis;

beforeAll(async () => {
  varDir = join(mkdtempSync(join(tmpdir(), 'chat-token-')), 'var');
  onCleanup(() => rmSync(join(varDir, '..'), { recursive: true, force: true }));
  redis = await startRedis();
});

const fleet = (args: string[], env: Record<string, string> = {}) =>
  program(process.execPath, [cli, ...args], { VAR_DIR: varDir, ...env });

async function tokenOf(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await fleet(['token', ...args], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd();
}

interface Child {
  url: string;
  /** All that it has written. */
  said: () => string;
}

/** The built server in a process of its own, with the secrets of `varDir`. */
async function startBuilt(env: Record<string, string> = {}): Promise<Child> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(projectRoot, 'dist', 'server', 'main.js')], {
    env: {
      ...process.env,
      SERVER_NAME: 'chat-built',
      PORT: `${port}`,
      VAR_DIR: varDir,
      REDIS_URL: redis.url,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (said += String(data)));
  onCleanup(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(`${url}/livez`)).status).toBe(200), 30_000);
  return { url, said: () => said };
}

describe('fleet token', () => {
  test('[AUTH-20] prints a token alone, with which the servers of the fleet let in, also when it is down', async () => {
    const token = await tokenOf([
      '--user',
      'ann',
      '--name',
      'Ann',
      '--rooms',
      'team-*,x',
      '--role',
      'moderator',
    ]);
    expect(decodeJwt(token)).toEqual({
      sub: 'ann',
      name: 'Ann',
      rooms: ['team-*', 'x'],
      role: 'moderator',
      iat: expect.any(Number) as number,
      exp: expect.any(Number) as number,
    });
    const { hello, socket } = await connected((await startBuilt()).url, { auth: { token } });
    expect(hello.user).toEqual({ id: 'ann', name: 'Ann' });
    expect(await socket.emitWithAck('join', { room: 'team-a' })).toMatchObject({ ok: true });
    expect(await socket.emitWithAck('join', { room: 'other' })).toMatchObject({
      error: { code: 'forbidden' },
    });
  });

  test('[AUTH-20] signs with JWT_SECRET, issuer and audience of the settings', async () => {
    const env = { JWT_SECRET, JWT_ISSUER: 'me', JWT_AUDIENCE: 'chat' };
    const settings = { jwtSecret: JWT_SECRET, jwtIssuer: 'me', jwtAudience: 'chat' };
    const [server] = (await startServers(redis, 1, settings)) as [TestServer];
    const token = await tokenOf(['--user', 'ann'], env);
    expect((await enter(server, { auth: { token } })).hello.user).toEqual({ id: 'ann', name: 'ann' });
    for (const missing of Object.keys(env)) {
      const other = await tokenOf(['--user', 'ann'], { ...env, [missing]: '' });
      expect((await refusedConnection(server.url, { auth: { token: other } })).code).toBe('auth_invalid');
    }
  });

  test.concurrent.each([
    ['30s', 30],
    ['5m', 300],
    ['12h', 43_200],
    ['7d', 604_800],
    [undefined, 3_600],
  ])('[AUTH-21] --for %p', async (time, seconds) => {
    const { stdout } = await fleet(['token', '--user', 'ann', '--json', ...(time ? ['--for', time] : [])]);
    const issued = JSON.parse(stdout) as { schema: string; token: string; expiresAt: number };
    expect(issued).toMatchObject({ schema: 'fleet.token/1', user: { id: 'ann', name: 'ann' } });
    expect(decodeJwt(issued.token).exp! * 1_000).toBe(issued.expiresAt);
    expect(Math.abs(issued.expiresAt - Date.now() - seconds * 1_000)).toBeLessThan(5_000);
  });

  test('[AUTH-21] what no server would take is wrong usage', async () => {
    expect(await fleet(['token', '--user', 'guest:ann'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('[AUTH-22] a fleet that takes tokens by keys alone signs none, and says what to do', async () => {
    const refused = await fleet(['token', '--user', 'ann'], { JWT_JWKS_URL });
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(refused.stderr).toContain('or set JWT_SECRET too');
    await tokenOf(['--user', 'ann'], { JWT_JWKS_URL, JWT_SECRET });
  });
});

describe('secrets', () => {
  const newDir = (): string => join(mkdtempSync(join(varDir, '..', 'secrets-')), 'var');
  const secretsIn = (dir: string) =>
    JSON.parse(readFileSync(join(dir, 'secrets.json'), 'utf8')) as Record<string, string>;
  const read = `require('./dist/config/secrets').readSecrets(process.argv[1])`;
  const readBy = (dir: string) =>
    program(process.execPath, ['-p', `JSON.stringify(${read})`, dir], {}).then(
      ({ stdout }) => JSON.parse(stdout) as Record<string, string>,
    );

  test('[AUTH-23] processes that start at once on an earlier file get one secret, and its secrets stay', async () => {
    const dir = newDir();
    mkdirSync(dir);
    const earlier = { redisPassword: 'old password', guestSecret: 'old secret', later: 'of a later version' };
    writeFileSync(join(dir, 'secrets.json'), JSON.stringify(earlier), { mode: 0o600 });
    const all = await Promise.all(Array.from({ length: 8 }, () => readBy(dir)));
    const kept = secretsIn(dir);
    const made = expect.stringMatching(/^[\w-]{43}$/) as string;
    expect(kept).toEqual({ ...earlier, tokenSecret: made, operatorSecret: made, opsToken: made });
    expect(kept.tokenSecret).not.toBe(kept.operatorSecret);
    for (const secrets of all) expect(secrets).toEqual(kept);
    expect(statSync(join(dir, 'secrets.json')).mode & 0o777).toBe(0o600);
    // However they interleave: who still read the old file comes to the same secret.
    const copy = newDir();
    mkdirSync(copy);
    writeFileSync(join(copy, 'secrets.json'), JSON.stringify(earlier));
    expect(await readBy(copy)).toEqual(kept);
  });

  test('[AUTH-23] the first processes of a fleet get one secret too, another fleet another one', async () => {
    const [dir, other] = [newDir(), newDir()];
    const all = await Promise.all(Array.from({ length: 8 }, () => readBy(dir)));
    for (const secrets of all) expect(secrets).toEqual(secretsIn(dir));
    expect((await readBy(other)).tokenSecret).not.toBe(secretsIn(dir).tokenSecret);
  });

  test('[AUTH-24] JWT_SECRET is shown neither by config nor by an error', async () => {
    for (const args of [['config'], ['config', '--json']]) {
      const { code, stdout } = await fleet(args, { JWT_SECRET });
      expect(code).toBe(0);
      expect(stdout).toContain('JWT_SECRET');
      expect(stdout).not.toContain(JWT_SECRET);
    }
    const short = await fleet(['config'], { JWT_SECRET: 'short-secret' });
    expect(short.code).toBe(2);
    expect(short.stderr).toContain('JWT_SECRET=... (from environment): expected at least 32 bytes');
    expect(short.stdout + short.stderr).not.toContain('short-secret');
    expect(loadSettings({ JWT_SECRET: '한'.repeat(11) }).settings.jwtSecret).toHaveLength(11);
    for (const url of ['file:///etc/passwd', 'https://me:hidden@login.example.org/', 'nonsense'])
      expect(() => loadSettings({ JWT_JWKS_URL: url })).toThrow(/^JWT_JWKS_URL=\.\.\. /);
  });
});

test('[AUTH-12] off loopback guests are auth_required by default, and tokens are taken', async () => {
  const server = await startBuilt({ HTTP_HOST: '192.0.2.1' });
  expect((await refusedConnection(server.url, { auth: { name: 'Ann' } })).code).toBe('auth_required');
  const token = await tokenOf(['--user', 'ann']);
  expect((await connected(server.url, { auth: { token } })).hello.user.id).toBe('ann');
});

test('[AUTH-13] no part of any token is in what a server writes, at whatever level', async () => {
  const server = await startBuilt({
    LOG_LEVEL: 'trace',
    JWT_SECRET,
    JWT_JWKS_URL: 'http://127.0.0.1:9/gone',
  });
  const good = await tokenOf(['--user', 'ann'], { JWT_SECRET });
  const expired = await tokenFor({ exp: 1 }, JWT_SECRET);
  const forged = await tokenFor({ sub: 'mallory' }, 'another secret, of 32 bytes or more');
  const keyless = `${Buffer.from('{"alg":"RS256","kid":"x"}').toString('base64url')}.${good.split('.')[1]}.QUJDRA`;
  const { socket } = await connected(server.url, { auth: { token: good } });
  const guest = await connected(server.url);
  for (const token of [expired, forged, 'garbage.of.somebody']) {
    await refusedConnection(server.url, { auth: { token } });
    await socket.emitWithAck('refreshToken', { token });
  }
  expect(await socket.emitWithAck('refreshToken', { token: keyless })).toMatchObject({
    error: { code: 'unavailable' },
  });
  await connected(server.url, { auth: { token: guest.hello.token! } });
  await eventually(() => expect(server.said()).toContain('JWT_JWKS_URL could not be fetched'));
  const parts = [good, expired, forged, keyless, guest.hello.token!]
    .flatMap((token) => token.split('.'))
    .filter((part) => part !== 'guest');
  for (const secret of [...parts, 'garbage', JWT_SECRET]) expect(server.said()).not.toContain(secret);
  expect(readFileSync(join(projectRoot, 'nginx', 'nginx.conf.template'), 'utf8')).toMatch(/access_log off;/);
  expect(existsSync(join(varDir, 'log'))).toBe(false);
}, 90_000);
