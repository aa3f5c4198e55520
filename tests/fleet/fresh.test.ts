import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fleetProcesses } from '../../src/fleet/processes';
import { onCleanup } from '../support/cleanup';
import { program, projectRoot, type Ended } from '../support/fleet';
import { ask } from '../support/nginx';
import { freePortRun, isFree } from '../support/port-run';
import { commandsOf } from '../support/readme';

/** The project as a clone would be, in a folder of its own; with the modules that are installed here. */
function freshClone(): string {
  const home = mkdtempSync(join(tmpdir(), 'chat-fresh-'));
  const clone = join(home, 'clone');
  const list = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  for (const file of list.split('\0').filter((name) => name !== '' && existsSync(join(projectRoot, name)))) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(projectRoot, file), join(clone, file), { preserveTimestamps: true });
  }
  const modules = [join(projectRoot, 'node_modules'), join(clone, 'node_modules')];
  try {
    execFileSync('cp', ['-al', ...modules], { stdio: 'ignore' });
  } catch {
    execFileSync('cp', ['-a', ...modules]); // another file system: no links between them
  }
  onCleanup(() => rmSync(home, { recursive: true, force: true }));
  return clone;
}

test('[FLEET-16] in a fresh clone npm start brings the chat page up, twice does no harm, npm stop leaves nothing', async () => {
  const clone = freshClone();
  const before = readdirSync(clone);
  const basePort = await freePortRun(5);
  const [httpPort, redisPort, opsPort] = [basePort + 2, basePort + 3, basePort + 4];
  const env = {
    PM2_HOME: join(dirname(clone), 'pm2'),
    VAR_DIR: 'var',
    SERVERS: '2',
    BASE_PORT: `${basePort}`,
    HTTP_PORT: `${httpPort}`,
    REDIS_PORT: `${redisPort}`,
    OPS_PORT: `${opsPort}`,
  };
  const npm = (...args: string[]): Promise<Ended> =>
    program('npm', ['--silent', ...args], env, undefined, clone);
  onCleanup(() => npm('stop'));
  const expectOk = ({ code, stderr }: Ended): void =>
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });

  const first = await npm('start');
  expectOk(first);
  expect(first.stdout).toBe(`2 servers up. Chat: http://127.0.0.1:${httpPort}/\n`);
  expect(first.stderr).toMatch(/ok {4}build the servers \(\d+ s\)/);
  const page = await ask(httpPort, '/');
  expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
  const script = /src="\.?(\/assets\/[^"]+\.js)"/.exec(page.body)?.[1];
  expect((await ask(httpPort, script!)).headers['cache-control']).toContain('immutable');
  expect(page.body).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/); // the page's security policy forbids them

  const second = await npm('start');
  expectOk(second);
  expect(second.stderr).toContain('all apps run already');
  expect(second.stderr).not.toContain('build');

  for (const command of commandsOf('README.md').filter((line) => line.startsWith('npx fleet '))) {
    const [, ...words] = command.replace('chat-3001', `chat-${basePort}`).split(' ');
    expectOk(await program('npx', words, env, undefined, clone));
  }

  for (const _ of ['once', 'twice']) expectOk(await npm('stop'));
  expect(fleetProcesses(join(clone, 'var'))).toEqual([]);
  for (const port of [basePort, basePort + 1, httpPort, redisPort, opsPort])
    expect(await isFree(port)).toBe(true);
  expect(existsSync(join(env.PM2_HOME, 'pm2.pid'))).toBe(false);
  expect(readdirSync(clone).sort()).toEqual([...new Set([...before, 'dist', 'var'])].sort());
}, 400_000);
