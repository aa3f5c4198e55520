import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleetProcesses, isAlive } from '../../src/fleet/processes';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { program, projectRoot, type Ended } from '../support/fleet';
import { freePortRun } from '../support/port-run';

jest.setTimeout(180_000);

const UNIT = '/etc/systemd/system/chatfleet.service';
const ROTATION = '/etc/logrotate.d/chatfleet';
const cli = join(projectRoot, 'dist', 'cli', 'main.js');

// It writes to /etc and makes a user, in a mount namespace that has an /etc and a /var/lib of its own.
const describeAsRoot = process.getuid?.() === 0 && process.platform === 'linux' ? describe : describe.skip;

describeAsRoot('as root', () => {
  let folder: string;
  let varDir: string;
  let env: Record<string, string>;
  let namespace: number;

  /** Runs a line of shell in the namespace. */
  const inside = (line: string): Promise<Ended> =>
    program('nsenter', ['-t', `${namespace}`, '-m', 'bash', '-c', `cd ${projectRoot} && ${line}`], env);
  const fleet = (args: string): Promise<Ended> => inside(`${process.execPath} ${cli} ${args}`);
  const file = async (path: string): Promise<string> => (await inside(`cat ${path}`)).stdout;

  /** A command of the unit as systemd runs it: with its user, its environment and its limits. */
  async function ofUnit(name: 'ExecStart' | 'ExecStop'): Promise<Ended> {
    const unit = await file(UNIT);
    const all = (key: string): string[] =>
      [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);
    const [user] = all('User');
    const as = `runuser -u ${user} -- env -i HOME=/var/lib/${user} ${all('Environment').join(' ')}`;
    return inside(`ulimit -n 30000 2>/dev/null; ${as} ${all(name)[0]}`);
  }

  const pm2 = async (): Promise<number> => Number(await file('/var/lib/chatfleet/.pm2/pm2.pid'));

  /** Under systemd it ends with the unit; here it would stay. */
  async function endPm2(): Promise<void> {
    const pid = await pm2();
    if (!pid) return; // it was never started
    process.kill(pid);
    await eventually(() => expect(isAlive(pid)).toBe(false));
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chat-install-'));
    onCleanup(() => rmSync(folder, { recursive: true, force: true }));
    chmodSync(folder, 0o755);
    varDir = join(folder, 'var');
    mkdirSync(join(folder, 'lib'));
    const basePort = await freePortRun(4);
    env = {
      ...{ VAR_DIR: varDir, SERVERS: '2', BASE_PORT: `${basePort}` },
      ...{ HTTP_PORT: `${basePort + 2}`, REDIS_PORT: `${basePort + 3}`, FOLDER: folder },
    };
    const own =
      'cp -a /etc "$FOLDER/etc" && mount --bind "$FOLDER/etc" /etc && mount --bind "$FOLDER/lib" /var/lib';
    const holder = spawn('unshare', ['--mount', 'sh', '-c', `${own} && echo ready && cat`], {
      env: { ...process.env, ...env },
    });
    await once(holder.stdout, 'data');
    namespace = holder.pid!;
    onCleanup(async () => {
      if (fleetProcesses(varDir).length > 0) await ofUnit('ExecStop');
      await endPm2();
      holder.stdin.end();
      await once(holder, 'exit');
    });
  });

  test('[PROD-6] install makes a user, writes unit and rotation, says so, and can be repeated', async () => {
    const first = await fleet('install');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toBe(
      `created    user chatfleet\nwritten    ${UNIT}\nwritten    ${ROTATION}\n` +
        'The fleet starts at boot, as user chatfleet.\nNext: sudo systemctl start chatfleet\n',
    );
    expect((await inside('getent passwd chatfleet')).stdout).toContain('/usr/sbin/nologin');
    expect(await inside(`systemctl is-enabled chatfleet`)).toMatchObject({ stdout: 'enabled\n' });
    const verified = await inside(`systemd-analyze verify ${UNIT}`);
    expect({ code: verified.code, said: /.*chatfleet.*/.exec(verified.stderr) }).toEqual({
      code: 0,
      said: null,
    });
    expect((await inside(`logrotate -d ${ROTATION}`)).code).toBe(0);
    const again = await fleet('install --json');
    expect(JSON.parse(again.stdout)).toMatchObject({
      created: false,
      files: [{ changed: false }, { changed: false }],
    });
    const wrong = await fleet('install --user root');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('cannot run as user root');
  });

  test('[PROD-7] the commands of the unit start and end a fleet without a right of root', async () => {
    expect(await ofUnit('ExecStart')).toMatchObject({ code: 0 });
    const uid = Number((await inside('id -u chatfleet')).stdout);
    const processes = fleetProcesses(varDir);
    expect(new Set(processes.map(({ kind }) => kind))).toEqual(
      new Set(['nginx', 'redis', 'server', 'monitor']),
    );
    for (const { pid } of processes)
      expect(/^Uid:\s+(\d+)\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!.slice(1)).toEqual([
        `${uid}`,
        `${uid}`,
      ]);
    expect(readFileSync(`/proc/${await pm2()}/cmdline`, 'utf8')).toContain('PM2');
  });

  test('[PROD-8] logrotate rotates the logs of the running fleet, which goes on in new files; only lines of that moment can be lost', async () => {
    const lines = 4_000;
    const writer = join(folder, 'writer.js');
    writeFileSync(writer, `let i = 0; setInterval(() => i < ${lines} && console.log('line ' + i++), 1);`);
    const log = join(varDir, 'log', 'writer.log');
    const pm2 = `runuser -u chatfleet -- env HOME=/var/lib/chatfleet ${process.execPath} node_modules/pm2/bin/pm2`;
    const started = await inside(
      `${pm2} start ${writer} --output ${log} --error ${log} --merge-logs --name writer`,
    );
    expect(started.code).toBe(0);
    const rotate = () => inside(`logrotate -f -s ${folder}/state ${ROTATION}`);
    /** The numbers of the lines of each file, oldest file first. */
    const files = async (): Promise<number[][]> => {
      const { stdout } = await inside(`for f in $(ls -v -r ${log}*); do zcat -f $f; echo end; done`);
      const numbers = (text: string): number[] =>
        [...text.matchAll(/^line (\d+)$/gm)].map(([, n]) => Number(n));
      return stdout
        .split(/^end$/m)
        .map(numbers)
        .filter((found) => found.length > 0);
    };
    for (let i = 0; i < 3; i++) {
      await eventually(() => expect(readFileSync(log, 'utf8').length).toBeGreaterThan(100));
      expect(await rotate()).toMatchObject({ code: 0, stderr: '' });
    }
    await eventually(async () => expect((await files()).at(-1)!.at(-1)).toBe(lines - 1), 30_000);
    const found = await files();
    expect(found).toHaveLength(4);
    for (const numbers of found) expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
    for (const [i, { 0: first }] of found.slice(1).entries())
      expect(first).toBeGreaterThan(found[i]!.at(-1)!);
    const kept = found.flat().length;
    console.info(`${kept} of ${lines} lines kept over 3 rotations`);
    await inside(`${pm2} delete writer`);
  });

  test('[PROD-12] install --remove takes away what it wrote, and can be repeated', async () => {
    expect(await ofUnit('ExecStop')).toMatchObject({ code: 0 });
    expect(fleetProcesses(varDir)).toEqual([]);
    expect((await fleet('install --remove')).stdout).toContain(
      `removed    ${UNIT}\nremoved    ${ROTATION}\n`,
    );
    expect(
      (await inside(`ls ${UNIT} ${ROTATION} /etc/systemd/system/multi-user.target.wants/chatfleet.service`))
        .stdout,
    ).toBe('');
    expect((await fleet('install --remove')).stdout).toContain(`not there  ${UNIT}`);
  });

  test("[PROD-18] install refuses a Node.js that the fleet's user cannot run, and writes nothing", async () => {
    const own = join(folder, 'own');
    mkdirSync(own, { mode: 0o700 });
    copyFileSync(process.execPath, join(own, 'node'));
    const { code, stdout, stderr } = await inside(`${own}/node ${cli} install`);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toContain(`User chatfleet cannot run ${own}/node`);
    expect(stderr).toContain('\nNext: install Node.js for all users');
    expect((await inside(`ls ${UNIT} ${ROTATION}`)).stdout).toBe('');
  });
});

test('[PROD-13] install --print shows the files and needs no rights; secrets of the environment never get into them', async () => {
  const printed = await program(process.execPath, [cli, 'install', '--print', '--user', 'somebody'], {});
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  expect(printed.stdout).toContain(`# ${UNIT}\n[Unit]`);
  expect(printed.stdout).toContain(`# ${ROTATION}\n"`);
  const secret = await program(process.execPath, [cli, 'install', '--print'], { JWT_SECRET: 'x'.repeat(32) });
  expect(secret).toMatchObject({ code: 4, stdout: '' });
  expect(secret.stderr).toContain('JWT_SECRET');
});
