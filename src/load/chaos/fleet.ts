import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../config/load';
import type { LoadedSettings } from '../../config/load-settings';
import { redisUrlOf } from '../../config/redis-url';
import { readSecrets } from '../../config/secrets';
import { takeDown } from '../../fleet/down';
import { becomes, signal } from '../../fleet/ending';
import { nginxFiles, nginxMaster, renderHere } from '../../fleet/nginx';
import { NGINX_APP, REDIS_APP, serversOf, type PlannedServer } from '../../fleet/plan';
import { removeApps, startApps } from '../../fleet/pm2';
import { nextPlan } from '../../fleet/prepare';
import { isAlive, listenersOn } from '../../fleet/processes';
import { reloadNginx } from '../../fleet/reload';
import type { Step } from '../../fleet/step';
import { bringUp } from '../../fleet/up';
import { RedisConnection } from '../../redis/connection';
import { freePorts } from '../ports';

const GONE_WITHIN_MS = 5_000;
const REDIS_WITHIN_MS = 3_000;

/** Heartbeats every 5 s, so that a connection that is dead without a word is found within 10 s. */
const HEARTBEATS = { PING_INTERVAL_MS: '5000', PING_TIMEOUT_MS: '5000' };

/**
 * A fleet of the built program in a folder of its own, with ports and a PM2 of its own. It sets the environment of
 * this process: one fleet a process.
 */
export class ChaosFleet {
  private readonly redisDir: string;

  private constructor(
    private readonly home: string,
    private readonly loaded: LoadedSettings,
  ) {
    this.redisDir = join(loaded.settings.varDir, 'redis');
  }

  /** Writes nothing but an empty folder yet. `slow`: heartbeats as users have them. */
  static async plan(servers: number, slow: boolean): Promise<ChaosFleet> {
    const home = mkdtempSync(join(tmpdir(), 'chat-chaos-'));
    const first = await freePorts(servers + 3);
    Object.assign(process.env, {
      VAR_DIR: join(home, 'var'),
      PM2_HOME: join(home, 'pm2'),
      SERVERS: `${servers}`,
      BASE_PORT: `${first}`,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: `${first + servers}`,
      REDIS_PORT: `${first + servers + 1}`,
      OPS_PORT: `${first + servers + 2}`,
      REDIS_URL: '',
      GUESTS: 'yes',
      ...(slow ? {} : HEARTBEATS),
    });
    return new ChaosFleet(home, readSettings());
  }

  /** Throws FleetError, and the reason to stop. */
  async up(step: Step, stop: AbortSignal): Promise<void> {
    await bringUp(this.loaded, step, stop);
  }

  /** Ends all of it and removes its folder. */
  async end(): Promise<void> {
    await takeDown(this.loaded.settings.varDir);
    rmSync(this.home, { recursive: true, force: true });
  }

  get httpPort(): number {
    return this.loaded.settings.httpPort;
  }

  get servers(): PlannedServer[] {
    return serversOf(nextPlan(this.loaded));
  }

  get redisPid(): number {
    return onlyOne(listenersOn(this.loaded.settings.redisPort), 'Redis');
  }

  get nginxPid(): number {
    return onlyOne([nginxMaster(this.nginx) ?? 0].filter(isAlive), 'nginx');
  }

  serverPid(index: number): number {
    const { name, port } = this.servers[index]!;
    return onlyOne(listenersOn(port), name);
  }

  /** kill -9; PM2 starts them again. */
  async kill(...pids: number[]): Promise<void> {
    signal(pids, 'SIGKILL');
    await becomes(() => !pids.some(isAlive), GONE_WITHIN_MS);
  }

  stopRedis(): Promise<void> {
    return removeApps([REDIS_APP]);
  }

  startRedis(): Promise<void> {
    return startApps([REDIS_APP]);
  }

  /** Keeps what Redis has on the disk now. Returns what puts it in place of what it has then; Redis is down then. */
  keepRedisFile(): () => void {
    const now = join(this.redisDir, 'appendonlydir');
    const kept = mkdtempSync(join(this.home, 'older-'));
    cpSync(now, kept, { recursive: true });
    return () => {
      rmSync(now, { recursive: true });
      cpSync(kept, now, { recursive: true });
      rmSync(kept, { recursive: true });
    };
  }

  /** CLIENT KILL of all connections of this type. A Redis that is away has none. */
  async killConnections(type: 'pubsub' | 'normal'): Promise<void> {
    const { settings } = this.loaded;
    const url = redisUrlOf(settings, readSecrets(settings.varDir));
    const redis = new RedisConnection({ url, name: 'chaos', deadlineMs: 1_000, onError: () => undefined });
    try {
      await becomes(() => redis.ready, REDIS_WITHIN_MS);
      await redis
        .run((client) => client.sendCommand(['CLIENT', 'KILL', 'TYPE', type]))
        .catch(() => undefined);
    } finally {
      redis.close();
    }
  }

  reloadNginx(): Promise<void> {
    return reloadNginx(renderHere(nextPlan(this.loaded), this.loaded.settings), this.nginx);
  }

  async restartNginx(): Promise<void> {
    await removeApps([NGINX_APP]);
    await startApps([NGINX_APP]);
  }

  /** What is not well, in words; empty if everything answers and every server has its Redis. */
  async complaints(): Promise<string[]> {
    const places = [...this.servers, { name: 'nginx', port: this.httpPort }];
    const states = await Promise.all(places.map(({ port }) => stateAt(port)));
    return places.flatMap(({ name }, i) => (states[i] === 'ok' ? [] : [`${name} ${states[i]}`]));
  }

  private get nginx() {
    return nginxFiles(this.loaded.settings.varDir);
  }
}

async function stateAt(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(1_000) });
    return ((await response.json()) as { state: string }).state;
  } catch {
    return 'does not answer';
  }
}

function onlyOne(pids: number[], name: string): number {
  const [pid] = pids;
  if (pid === undefined) throw new Error(`${name} does not run, so nothing can be done to it`);
  return pid;
}
