import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '../support/redis';
import { program, projectRoot, testFleet, type TestFleet } from '../support/fleet';

let fleet: TestFleet;

beforeAll(async () => {
  fleet = await testFleet(1);
});

test('[CLI-1] help shows examples before anything else, and names the exit codes', async () => {
  const { code, stdout } = await fleet.run(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Examples:\n {2}fleet up /);
  for (const word of ['up', 'down', 'status', 'logs', 'config', 'nginx', 'Exit codes: 0 ok']) {
    expect(stdout).toContain(word);
  }
});

test('[CLI-2] wrong usage is exit code 2, with nothing on stdout', async () => {
  const wrong = [
    ['nosuch'],
    ['up', '--bogus'],
    ['logs', '--lines', 'many'],
    ['nginx', 'nosuch'],
    ['up', 'more'],
    [],
  ];
  for (const args of wrong) {
    const { code, stdout, stderr } = await fleet.run(args);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
    expect(stderr).not.toBe('');
  }
  expect((await fleet.run(['statsu'])).stderr).toContain('Did you mean status?');
});

test('[CLI-3] a wrong setting is named with its source and what is expected', async () => {
  const { code, stderr } = await fleet.run(['up'], { HTTP_PORT: 'eighty' });
  expect(code).toBe(2);
  expect(stderr).toContain('HTTP_PORT=eighty (from environment): expected a whole number from 1 to 65535');
  expect(stderr).toMatch(/Nothing was changed\.\nNext: /);
  const url = await fleet.run(['report'], { REDIS_URL: 'redis://:p@ss:w/x@host' });
  expect(url).toMatchObject({ code: 2, stdout: '' });
  expect(url.stderr).toMatch(/^\nREDIS_URL=\.\.\. \(from environment\): expected redis:/);
});

test('[CLI-4] config shows every setting with its source, and no password', async () => {
  const env = { REDIS_URL: 'redis://me:topsecret@redis.example:6379/1' };
  for (const args of [['config'], ['config', '--json']]) {
    const { code, stdout } = await fleet.run(args, env);
    expect(code).toBe(0);
    expect(stdout).toContain('redis://me:***@redis.example:6379/1');
    expect(stdout).not.toContain('topsecret');
  }
  const JWT_JWKS_URL = 'https://login.example/jwks?key=topsecret';
  const { stdout } = await fleet.run(['config'], { JWT_JWKS_URL });
  expect(stdout).toContain('https://login.example/jwks?***');
  expect(stdout).not.toContain('topsecret');
  const { schema, settings } = JSON.parse((await fleet.run(['config', '--json'])).stdout) as {
    schema: string;
    settings: { name: string; value: string; source: string }[];
  };
  expect(schema).toBe('fleet.config/1');
  expect(settings).toContainEqual(
    expect.objectContaining({ name: 'SERVERS', value: '1', source: 'environment' }),
  );
  expect(settings).toContainEqual(
    expect.objectContaining({ name: 'GUESTS', value: 'yes', source: 'default' }),
  );
});

test('[CLI-5] logs show the last lines of one app or of all', async () => {
  expect((await fleet.run(['logs'])).code).toBe(4);
  const folder = join(fleet.varDir, 'log');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'chat-1.log'), 'one\ntwo\nthree\n');
  writeFileSync(join(folder, 'chat-nginx.log'), 'four\n');
  expect((await fleet.run(['logs', 'chat-1', '--lines', '2'])).stdout).toBe('two\nthree\n');
  expect((await fleet.run(['logs'])).stdout).toMatch(/three[^]*four/);
  const unknown = await fleet.run(['logs', 'chat-2']);
  expect(unknown.code).toBe(4);
  expect(unknown.stderr).toContain('one of: chat-1, chat-nginx');
});

test('[CLI-6] nginx render prints a configuration that nginx accepts', async () => {
  const { stdout } = await fleet.run(['nginx', 'render']);
  expect(stdout).toContain(`server 127.0.0.1:${fleet.basePort} max_fails=0;`);
  expect((await fleet.run(['nginx', 'test'])).code).toBe(0);
  const reload = await fleet.run(['nginx', 'reload']);
  expect(reload.code).toBe(4);
  expect(reload.stderr).toContain('nginx does not run');
});

test('[CLI-7] up refuses a REDIS_URL that cannot carry the fleet, naming why, and starts nothing', async () => {
  const redis = await startRedis('--appendonly', 'no');
  const { code, stderr } = await fleet.run(['up'], { REDIS_URL: redis.url });
  expect(code).toBe(4);
  expect(stderr).toContain('appendonly is no');
  expect(await fleet.apps()).toEqual([]);
});

test('[CLI-8] up works on a REDIS_URL that can, without a Redis of its own', async () => {
  const redis = await startRedis();
  const { code, stderr } = await fleet.run(['up'], { REDIS_URL: redis.url });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('ok    message') as string });
  const names = (await fleet.apps()).map(({ name }) => name);
  expect(names.sort()).toEqual([`chat-${fleet.basePort}`, 'chat-monitor', 'chat-nginx']);
  expect((await fleet.run(['down'])).code).toBe(0);
}, 60_000);

test('[CLI-10] the command that join prescribes has the password in no argument, and works in sh and bash', async () => {
  const REDIS_URL = 'redis://:topsecret@127.0.0.1:1';
  const invitation = (await fleet.run(['join'], { REDIS_URL, KEY_PREFIX: 'a b:' })).stdout;
  expect(invitation).toBe(`printf %s '${REDIS_URL}' | KEY_PREFIX='a b:' npx fleet join --redis -\n`);
  const here = `'${process.execPath}' '${join(projectRoot, 'dist', 'cli', 'main.js')}'`;
  for (const shell of ['sh', 'bash']) {
    const joined = await program(shell, ['-c', invitation.replace('npx fleet', here)], fleet.env);
    expect(joined).toMatchObject({ code: 4, stdout: '' });
    expect(joined.stderr).toContain('The Redis at 127.0.0.1:1 cannot be reached');
  }
});

test('[CLI-10] an address of Redis that is none is refused without its password', async () => {
  for (const wrong of ['http://me:topsecret@redis', 'redis://:top/secret@redis:x', '']) {
    const { code, stdout, stderr } = await fleet.run(['join', '--redis', wrong]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^\n--redis \.\.\.: expected redis:.*\nNothing was changed\.\nNext: npx fleet join/,
    );
    expect(stderr).not.toContain('secret');
  }
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot('[CLI-10] who may not change a fleet is told what to type without a password', async () => {
  const foreign = join(fleet.varDir, 'foreign');
  mkdirSync(foreign, { recursive: true });
  chownSync(foreign, 1, 1);
  const args = ['join', '--redis', 'redis://:topsecret@127.0.0.1:1'];
  const { code, stderr } = await fleet.run(args, { VAR_DIR: foreign });
  expect(code).toBe(4);
  expect(stderr).toContain(`Next: sudo -u '#1' npx fleet join`);
  expect(stderr).not.toContain('secret');
});
