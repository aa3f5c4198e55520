import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleetProcesses } from '../../src/fleet/processes';
import type { FleetStatus } from '../../src/fleet/status';
import { onCleanup } from './cleanup';
import { program, projectRoot, type Ended } from './fleet';

/** A machine of the test's own: a network namespace with one cable, and a copy of the built project. */
export interface TestHost {
  address: string;
  /** What its commands find in their environment. */
  env: Record<string, string>;
  varDir: string;
  /** The project's folder there. */
  root: string;
  /** Runs the `fleet` command there. */
  run: (args: string[], more?: Record<string, string>) => Promise<Ended>;
  /** The same for a command that has to succeed; resolves with what it printed. */
  done: (...args: string[]) => Promise<string>;
  status: () => Promise<FleetStatus>;
  /** Pulls the cable out, or puts it in again. */
  cable: (is: 'up' | 'down') => void;
  /** All its processes die at once. */
  kill: () => void;
}

const ip = (...args: string[]): void => void execFileSync('ip', args);

/** Whether this user may make network namespaces. */
export const canMakeHosts = process.getuid?.() === 0;

/** Machines on one switch, on which this one is too. All of it is removed after the test file. */
export function testHosts(count: number): TestHost[] {
  const id = process.pid.toString(36);
  const network = `10.${100 + (process.pid % 100)}.${Math.floor(process.pid / 100) % 256}`;
  const bridge = `cf${id}`;
  ip('link', 'add', bridge, 'type', 'bridge');
  onCleanup(() => ip('link', 'del', bridge));
  ip('addr', 'add', `${network}.1/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  return Array.from({ length: count }, (_, i) => hostOn(bridge, `${bridge}-${i}`, `${network}.${i + 2}`));
}

function hostOn(bridge: string, name: string, address: string): TestHost {
  const inside = `${name}i`;
  ip('netns', 'add', name);
  onCleanup(() => ip('netns', 'del', name));
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', inside, 'netns', name);
  ip('link', 'set', name, 'master', bridge, 'up');
  ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', inside);
  for (const link of [inside, 'lo']) ip('-n', name, 'link', 'set', link, 'up');
  const home = mkdtempSync(join(tmpdir(), 'chat-host-'));
  const root = join(home, 'project');
  const varDir = join(home, 'var');
  copyProject(root);
  const env: Record<string, string> = { VAR_DIR: varDir, PM2_HOME: join(home, 'pm2') };
  const command = ['netns', 'exec', name, process.execPath, join(root, 'dist', 'cli', 'main.js')];
  const host: TestHost = {
    address,
    env,
    varDir,
    root,
    run: (args, more) => program('ip', [...command, ...args], { ...env, ...more }, undefined, root),
    done: async (...args) => {
      const { code, stdout, stderr } = await host.run(args);
      expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
      return stdout;
    },
    status: async () => JSON.parse((await host.run(['status', '--json'])).stdout) as FleetStatus,
    cable: (is) => ip('link', 'set', name, is),
    kill: () => execFileSync('sh', ['-c', `ip netns pids ${name} | xargs -r kill -9`]),
  };
  onCleanup(async () => {
    await host.run(['down']);
    host.kill();
    expect(fleetProcesses(varDir)).toEqual([]);
    rmSync(home, { recursive: true, force: true });
  });
  return host;
}

/** Copies where links would lead back to the original's settings. */
function copyProject(root: string): void {
  mkdirSync(root);
  for (const part of ['dist', 'package.json', 'ecosystem.config.js'])
    cpSync(join(projectRoot, part), join(root, part), { recursive: true });
  for (const part of ['node_modules', 'nginx', 'scripts'])
    symlinkSync(join(projectRoot, part), join(root, part));
}
