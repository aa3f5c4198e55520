import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listApps, type RunningApp } from '../../src/fleet/pm2';
import type { FleetStatus } from '../../src/fleet/status';
import { onCleanup } from './cleanup';
import { freePortRun } from './port-run';

export const projectRoot = join(__dirname, '..', '..');

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A fleet of the built program with ports, files and a PM2 of its own. It is ended after the test file. */
export interface TestFleet {
  env: Record<string, string>;
  varDir: string;
  basePort: number;
  httpPort: number;
  redisPort: number;
  opsPort: number;
  /** Runs the `fleet` command. */
  run: (args: string[], more?: Record<string, string | undefined>, signal?: AbortSignal) => Promise<Ended>;
  /** The same for a command that has to succeed; resolves with what it printed. */
  done: (...args: string[]) => Promise<string>;
  pm2: (...args: string[]) => Promise<Ended>;
  status: () => Promise<FleetStatus>;
  apps: () => Promise<RunningApp[]>;
}

export async function testFleet(servers: number): Promise<TestFleet> {
  const home = mkdtempSync(join(tmpdir(), 'chat-fleet-'));
  const varDir = join(home, 'var');
  const basePort = await freePortRun(servers + 3);
  const [httpPort, redisPort, opsPort] = [basePort + servers, basePort + servers + 1, basePort + servers + 2];
  const env = {
    VAR_DIR: varDir,
    PM2_HOME: join(home, 'pm2'),
    SERVERS: `${servers}`,
    BASE_PORT: `${basePort}`,
    HTTP_PORT: `${httpPort}`,
    REDIS_PORT: `${redisPort}`,
    OPS_PORT: `${opsPort}`,
  };
  const cli = join(projectRoot, 'dist', 'cli', 'main.js');
  const pm2 = join(projectRoot, 'node_modules', 'pm2', 'bin', 'pm2');
  const fleet: TestFleet = {
    env,
    varDir,
    basePort,
    httpPort,
    redisPort,
    opsPort,
    run: (args, more, signal) => program(process.execPath, [cli, ...args], { ...env, ...more }, signal),
    done: async (...args) => {
      const { code, stdout, stderr } = await fleet.run(args);
      expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
      return stdout;
    },
    pm2: (...args) => program(process.execPath, [pm2, ...args], { ...env, PM2_DISCRETE_MODE: '1' }),
    status: async () => JSON.parse((await fleet.run(['status', '--json'])).stdout) as FleetStatus,
    apps: () => {
      process.env.PM2_HOME = env.PM2_HOME; // of this test file only
      return listApps();
    },
  };
  onCleanup(async () => {
    await fleet.run(['down']);
    rmSync(home, { recursive: true, force: true });
  });
  return fleet;
}

/** Runs a program in the project's folder to its end. */
export function program(
  command: string,
  args: string[],
  env: Record<string, string | undefined>,
  signal?: AbortSignal,
  cwd = projectRoot,
  ends: NodeJS.Signals = 'SIGINT',
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 1e8 };
    const child = execFile(command, args, options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    signal?.addEventListener('abort', () => child.kill(ends));
  });
}
