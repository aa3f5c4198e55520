import { availableParallelism } from 'node:os';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { redisUrlOf } from '../../config/redis-url';
import { readSecrets } from '../../config/secrets';
import type { Settings } from '../../config/settings';
import { nginxFiles, renderHere } from '../../fleet/nginx';
import { serversOf, type Plan, type PlannedServer } from '../../fleet/plan';
import { listApps, oursAmong } from '../../fleet/pm2';
import { readStats, until } from '../../fleet/probe';
import { readText } from '../../fleet/text-file';
import type { ServerStats } from '../../protocol/stats';
import { RedisConnection } from '../../redis/connection';
import { parseInfo } from '../../redis/preflight';
import { HOUR_MS } from '../../usage/hours';
import { readReport } from '../read-report';
import { descriptorsOf, hostBetween, peersOf } from './proc';
import type { Look, NginxLook, RedisLook, ServerLook } from './types';

const LOOK_MS = 2_000;
const CONNECT_WITHIN_MS = 2_000;
const ROUND_TRIPS = 10;

/** Looks at a running fleet; each thing once, and only if a check asks for it. */
export function lookAt(plan: Plan, settings: Settings): Look {
  return {
    plan,
    settings,
    servers: once(() => Promise.all(serversOf(plan).map(lookAtServer))),
    apps: once(async () => oursAmong(await listApps(), settings.varDir)),
    host: once(async () => {
      const before = readFileSync('/proc/stat', 'utf8');
      await sleep(LOOK_MS);
      return hostBetween(before, readFileSync('/proc/stat', 'utf8'));
    }),
    redis: once(() => lookAtRedis(settings)),
    nginx: once(() => Promise.resolve(lookAtNginx(plan, settings))),
    outbox: once(() => Promise.resolve(outboxFiles(settings.varDir))),
    report: once(() => readReport(settings, Date.now() - 24 * HOUR_MS, Date.now())),
  };
}

function once<T>(look: () => Promise<T>): () => Promise<T> {
  let seen: Promise<T> | undefined;
  // Within a promise, so that what is thrown at once fails the check that asked, and no other.
  return () => (seen ??= Promise.resolve().then(look));
}

async function lookAtServer(server: PlannedServer): Promise<ServerLook> {
  const before = await readStats(server);
  const start = performance.now();
  await sleep(LOOK_MS);
  const stats = await readStats(server);
  const { name, port } = server;
  if (!stats) return { name, port };
  const rates = before && ratesBetween(before, stats, (performance.now() - start) / 1_000);
  const descriptors = descriptorsOf(stats.pid);
  return { name, port, stats, ...(rates && { rates }), ...(descriptors && { descriptors }) };
}

function ratesBetween(before: ServerStats, now: ServerStats, seconds: number): ServerLook['rates'] {
  if (before.startedAt !== now.startedAt) return undefined;
  const rate = (total: 'calls' | 'deliveries' | 'cpuMicros'): number =>
    (now[total] - before[total]) / seconds;
  return { calls: rate('calls'), deliveries: rate('deliveries'), cpu: rate('cpuMicros') / 10_000 };
}

async function lookAtRedis(settings: Settings): Promise<RedisLook> {
  let problem = `not within ${CONNECT_WITHIN_MS / 1_000} s`;
  const { redisDeadlineMs: deadlineMs, varDir } = settings;
  const url = redisUrlOf(settings, readSecrets(varDir));
  const onError = ({ message }: Error): unknown => (problem = message || problem);
  const connection = new RedisConnection({ url, name: 'fleet-doctor', deadlineMs, onError });
  try {
    if (!(await until(() => Promise.resolve(connection.ready), CONNECT_WITHIN_MS)))
      throw new Error(`Redis does not answer: ${problem}`);
    let slowestMs = 0;
    for (let i = 0; i < ROUND_TRIPS; i++) {
      const start = performance.now();
      await connection.run((client) => client.ping());
      slowestMs = Math.max(slowestMs, performance.now() - start);
    }
    return { facts: parseInfo(await connection.run((client) => client.info())), slowestMs };
  } finally {
    connection.close();
  }
}

function lookAtNginx(plan: Plan, settings: Settings): NginxLook {
  const installed = readText(nginxFiles(settings.varDir).conf);
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((table) => readText(table) ?? '');
  return {
    installed,
    wanted: renderHere(plan, settings),
    peers: tables.flatMap((table) => peersOf(table, settings.httpPort)),
    connections: Number(/worker_connections (\d+)/.exec(installed ?? '')?.[1] ?? Infinity),
    workers: availableParallelism(),
  };
}

function outboxFiles(varDir: string): string[] {
  try {
    return readdirSync(join(varDir, 'outbox'));
  } catch {
    return []; // there is none
  }
}
