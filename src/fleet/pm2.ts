import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../config/load';
import { FleetError } from './errors';
import { isFleetApp } from './plan';
import { isAlive } from './processes';
import { readText } from './text-file';

/** An app as PM2 sees it. */
export interface RunningApp {
  name: string;
  pid: number;
  /** PM2's word: online, stopped, waiting restart ... */
  status: string;
  /** Working folder: which fleet the app belongs to. */
  cwd: string;
  /** The program it runs: of which release it is. */
  script: string;
  restarts: number;
  /** Start of the running process, in ms since 1970. */
  startedAt: number;
}

interface Pm2Entry {
  name: string;
  pid?: number;
  pm2_env: { status: string; pm_cwd: string; pm_exec_path: string; restart_time: number; pm_uptime: number };
}

/** Longest that one PM2 command may take: stopping waits for the servers to drain. */
const COMMAND_TIMEOUT_MS = 120_000;

/** All apps of PM2, ours and others. Does not start a daemon only to ask it. */
export async function listApps(): Promise<RunningApp[]> {
  if (!daemonRuns()) return [];
  const output = await pm2('jlist');
  // Notices may come before the list, and they too begin with a bracket.
  const json = output.split('\n').find((line) => line === '[]' || line.startsWith('[{'));
  return (JSON.parse(json ?? '[]') as Pm2Entry[]).map(({ name, pid, pm2_env }) => ({
    name,
    pid: pid ?? 0,
    status: pm2_env.status,
    cwd: pm2_env.pm_cwd,
    script: pm2_env.pm_exec_path,
    restarts: pm2_env.restart_time,
    startedAt: pm2_env.pm_uptime,
  }));
}

/** Our apps among all: by name and by working folder. */
export function oursAmong(apps: RunningApp[], varDir: string): RunningApp[] {
  return apps.filter(({ name, cwd }) => isFleetApp(name) && cwd === varDir);
}

/** Starts apps of ecosystem.config.js, each of which is not running; returns when the servers said "ready". */
export async function startApps(names: string[]): Promise<void> {
  await pm2('start', join(projectRoot, 'ecosystem.config.js'), '--only', names.join(','));
}

/** Stops apps and takes them off PM2's list. Names that PM2 does not know are an error. */
export async function removeApps(names: string[]): Promise<void> {
  if (names.length === 0) return;
  const pattern = names.map((name) => name.replace(/[.]/g, '\\.')).join('|');
  await pm2('delete', `/^(${pattern})$/`);
}

/** Ends PM2's daemon when nothing is left for it to do, so that a stopped fleet leaves no process behind. */
export async function endIdleDaemon(): Promise<void> {
  if (daemonRuns() && (await listApps()).length === 0) await pm2('kill');
}

function daemonRuns(): boolean {
  const home = process.env.PM2_HOME ?? join(homedir(), '.pm2');
  const pid = Number(readText(join(home, 'pm2.pid')));
  return pid > 0 && isAlive(pid);
}

/** PM2's command line, as a separate program. */
async function pm2(...args: string[]): Promise<string> {
  const command = realpathSync(join(projectRoot, 'node_modules', '.bin', 'pm2'));
  const env = {
    ...process.env,
    PM2_DISCRETE_MODE: '1', // no banner
    PM2_DISABLE_VERSION_CHECK: '1', // a fleet asks nobody on the network
    PM2_CONCURRENT_ACTIONS: '16',
  };
  const { code, said } = await ranToItsEnd([command, ...args], env);
  if (code === 0) return said;
  throw pm2Failed(args, said);
}

/** In a process group of its own: Ctrl-C ends us, and we undo what PM2 has done, not what it has half done. */
function ranToItsEnd(args: string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const options = { cwd: projectRoot, env, detached: true, timeout: COMMAND_TIMEOUT_MS };
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, complaints]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
    child.once('error', (error) => resolve({ code: null, said: error.message }));
    child.once('close', (code) => {
      resolve({ code, said: Buffer.concat(code === 0 ? out : [...out, ...complaints]).toString() });
    });
  });
}

function pm2Failed(args: string[], said: string): FleetError {
  return new FleetError(
    'failure',
    `pm2 ${args[0]} failed:\n${said.trim()}`,
    'What PM2 did before that stays.',
    'npx pm2 ls',
  );
}
