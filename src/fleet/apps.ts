import { join } from 'node:path';
import { isJoined } from '../config/machines';
import type { Settings } from '../config/settings';
import { MONITOR_APP, NGINX_APP, REDIS_APP, startedOf, type Plan } from './plan';

/** One app of PM2's ecosystem file, with the options that we use. */
export interface Pm2App {
  name: string;
  script: string;
  interpreter: string;
  args?: string[];
  cwd: string;
  env: Record<string, string>;
  out_file: string;
  error_file: string;
  [option: string]: unknown;
}

/**
 * PM2 gives an app up after max_restarts deaths within min_uptime of its start each, counted while the app
 * is younger than max_restarts * min_uptime. Only a number that is never reached means "never".
 * The delay grows from 100 ms by half each time up to 15 s, and starts over after 30 s of life.
 */
const neverGiveUp = { exp_backoff_restart_delay: 100, max_restarts: 1_000_000_000 };

/** Longest time that a stopping app gets before it is killed: its turn to drain, the drain, and the stop. */
export const KILL_TIMEOUT_MS = 30_000;
/** PM2 waits this long for a server's "ready" before it goes on with the next app. */
const LISTEN_TIMEOUT_MS = 15_000;

/**
 * Pure: the PM2 apps of a fleet. The servers read all but their name and port from the settings themselves.
 * `root` is the project's folder, `build` that of the build which servers and monitor run.
 * Working folder is `var/`: by it the apps of this fleet are told from those of another one.
 */
export function appsOf(plan: Plan, settings: Settings, root: string, build = root): Pm2App[] {
  const common = (name: string) => ({
    name,
    cwd: settings.varDir,
    exec_mode: 'fork',
    kill_timeout: KILL_TIMEOUT_MS,
    ...neverGiveUp,
    ...logs(settings.varDir, name),
    // Neither PM2's own instrumentation inside the servers, nor a look into git at each start.
    pmx: false,
    vizion: false,
  });
  const script = (name: string, file: string, ...args: string[]): Pm2App => ({
    ...common(name),
    script: join(root, 'scripts', file),
    interpreter: 'bash',
    args,
    env: { VAR_DIR: settings.varDir },
  });
  const server = ({ name, port }: { name: string; port: number }): Pm2App => ({
    ...common(name),
    script: join(build, 'dist', 'server', 'main.js'),
    interpreter: process.execPath,
    wait_ready: true,
    listen_timeout: LISTEN_TIMEOUT_MS,
    env: { ...shownAs(name), SERVER_NAME: name, PORT: `${port}`, VAR_DIR: settings.varDir },
  });
  const prefix = join(settings.varDir, 'nginx');
  const nginx = script(NGINX_APP, 'run-nginx.sh', prefix, `${settings.httpPort}`, process.execPath);
  return [
    ...(settings.redisUrl === '' ? [script(REDIS_APP, 'run-redis.sh', join(settings.varDir, 'redis'))] : []),
    ...startedOf(plan).map(server),
    ...(isJoined(settings) ? [] : [nginx]),
    {
      ...common(MONITOR_APP),
      script: join(build, 'dist', 'monitor', 'main.js'),
      interpreter: process.execPath,
      env: { ...shownAs(MONITOR_APP), VAR_DIR: settings.varDir },
    },
  ];
}

/** How `ps` shows it, and how processes.ts knows it: PM2 would write the path of the program there, cut off. */
const shownAs = (name: string) => ({ PROCESS_TITLE: `chatfleet ${name}` });

function logs(varDir: string, name: string) {
  const file = join(varDir, 'log', `${name}.log`);
  return { out_file: file, error_file: file, merge_logs: true };
}
