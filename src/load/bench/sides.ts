import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../config/load';
import { loadSettings } from '../../config/load-settings';
import { readSecrets } from '../../config/secrets';
import { renderNginx } from '../../fleet/nginx-render';
import { serversOf } from '../../fleet/plan';
import { renderRedisConf } from '../../fleet/redis-conf';
import { plainNginx } from '../peers/nginx';
import { freePorts } from '../ports';
import type { Target } from '../raw/connection';
import { startProgram, temporaryFolder, type Program } from './programs';
import { packagesFolder } from './packages';

/** What is compared: we, plain Socket.IO, uWebSockets and Node cluster; `null` shows what the generator can take. */
export type SideName = 'ours' | 'S' | 'U' | 'C' | 'null';

export interface Layout {
  servers: number;
  /** nginx in front of them. */
  nginx: boolean;
  /** Messages that the null server puts into each write. */
  framesAtOnce?: number;
}

/** A side that runs. */
export interface Running {
  targets: Target[];
  programs: { servers: Program[]; redis: Program[]; nginx: Program[] };
  /** Why one of its programs runs no more. */
  died(): string | undefined;
  stop(): Promise<void>;
}

const compiled = (...path: string[]): string => join(projectRoot, 'dist', ...path);
const host = '127.0.0.1';
const nginxUser = process.getuid?.() === 0 ? 'root' : undefined;

/** Starts one side on free ports, in a temporary folder. */
export async function startSide(
  name: SideName,
  { servers, nginx, framesAtOnce = 1 }: Layout,
): Promise<Running> {
  const folder = temporaryFolder(`chat-bench-${name}-`);
  const first = await freePorts(servers + 2);
  const [http, redis] = [first + servers, first + servers + 1];
  const ports = Array.from({ length: servers }, (_, i) => first + i);
  const programs: Running['programs'] = { servers: [], redis: [], nginx: [] };
  const running: Running = {
    targets: addresses(name, nginx && name !== 'C' ? [http] : ports),
    programs,
    died: () =>
      Object.values(programs)
        .flat()
        .map((program) => program.died())
        .find((reason) => reason !== undefined),
    stop: async () => {
      await Promise.all(
        Object.values(programs)
          .flat()
          .map((program) => program.stop()),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await starters[name]({ folder, ports, redis, http: nginx ? http : undefined, programs, framesAtOnce });
  } catch (error) {
    await running.stop();
    throw error;
  }
  return running;
}

/** Node cluster has one door, and hands connections to its workers by itself. */
function addresses(name: SideName, ports: number[]): Target[] {
  return (name === 'C' ? ports.slice(0, 1) : ports).map((port) => ({ host, port }));
}

interface Start {
  folder: string;
  ports: number[];
  redis: number;
  /** Where nginx listens, if it is wanted. */
  http: number | undefined;
  programs: Running['programs'];
  framesAtOnce: number;
}

const starters: Record<SideName, (start: Start) => Promise<void>> = {
  ours: startOurs,
  S: async (start) => {
    await startPlainRedis(start);
    await startPeers(start, 'socketio.js', { REDIS_URL: `redis://${host}:${start.redis}` });
  },
  U: (start) => startPeers(start, 'uws.js'),
  null: (start) => startPeers(start, 'null.js', { FRAMES: `${start.framesAtOnce}` }),
  C: async ({ folder, ports, programs }) => {
    const env = { PORT: `${ports[0]}`, WORKERS: `${ports.length}`, BENCH_PACKAGES: packagesFolder };
    const command: [string, ...string[]] = [process.execPath, compiled('load', 'peers', 'cluster.js')];
    programs.servers.push(await startProgram(folder, ports[0]!, command, env));
  },
};

async function startPeers(start: Start, file: string, env: Record<string, string> = {}): Promise<void> {
  const { folder, ports, http, programs } = start;
  const command: [string, ...string[]] = [process.execPath, compiled('load', 'peers', file)];
  for (const port of ports) {
    const all = { PORT: `${port}`, BENCH_PACKAGES: packagesFolder, ...env };
    programs.servers.push(await startProgram(folder, port, command, all));
  }
  if (http !== undefined) await startNginx(start, http, plainNginx(ports, http, nginxUser));
}

async function startPlainRedis({ folder, redis, programs }: Start): Promise<void> {
  const args = ['--port', `${redis}`, '--bind', host, '--save', '', '--appendonly', 'no'];
  programs.redis.push(await startProgram(folder, redis, ['redis-server', ...args]));
}

/** As the fleet runs it, but for the rate limits. */
async function startOurs(start: Start): Promise<void> {
  const { folder, ports, redis, http, programs } = start;
  const env = { VAR_DIR: folder, REDIS_PORT: `${redis}`, REDIS_URL: '', GUESTS: 'yes', ...withoutLimits };
  const { settings } = loadSettings(env);
  const conf = join(folder, 'redis.conf');
  writeFileSync(conf, renderRedisConf(settings, readSecrets(folder), folder), { mode: 0o600 });
  programs.redis.push(await startProgram(folder, redis, ['redis-server', conf]));
  const plan = { servers: ports.length, basePort: ports[0]! };
  for (const { name, port } of serversOf(plan)) {
    const own = { ...env, SERVER_NAME: name, PORT: `${port}`, LOG_LEVEL: 'warn' };
    const command: [string, ...string[]] = [process.execPath, compiled('server', 'main.js')];
    programs.servers.push(await startProgram(folder, port, command, own));
  }
  if (http === undefined) return;
  const template = readFileSync(join(projectRoot, 'nginx', 'nginx.conf.template'), 'utf8');
  const around = { pages: folder, descriptors: 20_000, ipv6Loopback: false };
  const at = { ...settings, httpPort: http };
  await startNginx(
    start,
    http,
    renderNginx(template, plan, at, { ...around, ...(nginxUser && { user: nginxUser }) }),
  );
}

/** People send as much as they like: what is measured is the way of a message, not its refusal. */
export const withoutLimits = { SENDS_PER_SECOND: '0' };

async function startNginx({ folder, programs }: Start, port: number, conf: string): Promise<void> {
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, conf);
  mkdirSync(join(folder, 'temp'));
  const args = ['-p', folder, '-c', file, '-e', 'stderr', '-g', 'daemon off;'];
  programs.nginx.push(await startProgram(folder, port, ['nginx', ...args]));
}
