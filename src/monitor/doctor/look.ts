import { availableParallelism } from 'node:os';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../../config/settings';
import { nginxFiles, renderHere } from '../../fleet/nginx';
import { serversOf, type Plan, type PlannedServer } from '../../fleet/plan';
import { listApps, oursAmong } from '../../fleet/pm2';
import { readStats } from '../../fleet/probe';
import { ratesBetween } from '../../fleet/server-status';
import { readText } from '../../fleet/text-file';
import { parseInfo } from '../../redis/preflight';
import type { Redis } from '../../redis/redis';
import type { Shard } from '../../redis/shard';
import { HOUR_MS } from '../../usage/hours';
import { askRedis } from '../../fleet/ask-redis';
import { readReport } from '../read-report';
import { descriptorsOf, hostBetween, peersOf } from './proc';
import type { Look, NginxLook, RedisLook, ServerLook } from './types';

const LOOK_MS = 2_000;
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
  return {
    ...{ name, port, stats },
    ...(before && { before }),
    ...(rates && { rates }),
    ...(descriptors && { descriptors }),
  };
}

function lookAtRedis(settings: Settings): Promise<RedisLook> {
  /** Of a cluster the longest round trip to any master, and what the fullest one says. */
  const look = async ({ shards }: Redis): Promise<RedisLook> => {
    const looks = await Promise.all(shards.map(lookAtShard));
    const [fullest] = looks.sort((a, b) => fullness(b) - fullness(a));
    return { facts: fullest!.facts, slowestMs: Math.max(...looks.map(({ slowestMs }) => slowestMs)) };
  };
  return askRedis(settings, 'fleet-doctor', look).catch((error: Error) => {
    throw new Error(`Redis does not answer: ${error.message}`);
  });
}

async function lookAtShard({ commands }: Shard): Promise<RedisLook> {
  let slowestMs = 0;
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const start = performance.now();
    await commands.run((client) => client.ping());
    slowestMs = Math.max(slowestMs, performance.now() - start);
  }
  return { facts: parseInfo(await commands.run((client) => client.info())), slowestMs };
}

const fullness = ({ facts }: RedisLook): number =>
  Number(facts['used_memory']) / (Number(facts['maxmemory']) || Infinity);

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
