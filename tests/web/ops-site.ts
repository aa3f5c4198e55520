import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordLine } from '../../src/monitor/line';
import { fieldOf, hourKey, HOUR_MS, hourOf } from '../../src/usage/hours';
import { onCleanup } from '../support/cleanup';
import { startOps, type TestOps } from '../support/ops';
import { freePortRun } from '../support/port-run';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient } from '../support/redis-client';
import { startServer, uniquePrefix, type TestServer } from '../support/server';
import { knownOfWeek } from '../support/weeks';

const root = join(__dirname, '..', '..');
const MINUTE_MS = 60_000;

export interface OpsSite {
  /** Opens the page with its figures. */
  url: string;
  ops: TestOps;
  redis: TestRedis;
  servers: [TestServer, TestServer];
}

/**
 * The operator's page, built from its source, over two real servers: with the counters and the record of a week, in which the
 * first server froze and was restarted, and later both were.
 */
export async function startOpsSite(): Promise<OpsSite> {
  const pages = mkdtempSync(join(tmpdir(), 'chat-ops-page-'));
  onCleanup(() => rmSync(pages, { recursive: true, force: true }));
  build(pages);
  const [redis, basePort] = [await startRedis(), await freePortRun(2)];
  const keyPrefix = uniquePrefix();
  const start = (port: number) =>
    startServer({ port, name: `chat-${port}`, redisUrl: redis.url, settings: { keyPrefix } });
  const servers: OpsSite['servers'] = [await start(basePort), await start(basePort + 1)];
  const lines = await tellOfAWeek(redis, keyPrefix, [servers[0].name, servers[1].name]);
  const ops = await startOps({ redis, keyPrefix, basePort, servers: 2, lines, pages });
  return { url: `${ops.url}/ops#token=${ops.token}`, ops, redis, servers };
}

function build(pages: string): void {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [
    'build',
    join(root, 'web'),
    '--config',
    join(root, 'web', 'ops.config.mjs'),
    '--outDir',
    pages,
  ];
  // Jest says NODE_ENV=test, for which React would be built with its checks.
  execFileSync(process.execPath, [vite, ...args], {
    stdio: 'pipe',
    env: { ...process.env, NODE_ENV: 'production' },
  });
}

/** Writes the counters to Redis; returns the record. */
async function tellOfAWeek(
  redis: TestRedis,
  keyPrefix: string,
  names: [string, string],
): Promise<RecordLine[]> {
  const from = hourOf(Date.now()) - 167 * HOUR_MS;
  const { usage, lines } = knownOfWeek({ servers: 2, noise: 2 }, from);
  const client = await redisClient(redis);
  for (const { hour, totals } of usage.filter(({ hour }) => hour <= Date.now()))
    for (const [what, total] of Object.entries(totals))
      await client.hSet(hourKey(keyPrefix, hour), fieldOf(names[0], 'week', what), total);
  return lines.filter(({ at }) => at < Date.now()).map((line) => withEvents(line, names));
}

function withEvents(line: RecordLine, names: [string, string]): RecordLine {
  const first = line.server === 'chat-3001';
  const ago = Date.now() - line.at;
  const named = { ...line, server: names[first ? 0 : 1] };
  const isFrozen = first && ago > 170 * MINUTE_MS && ago <= 175 * MINUTE_MS;
  const froze = isFrozen ? { loopDelayMaxMs: 6_500, missed: 1, cpuMaximum: 100 } : {};
  const pid = ago < 40 * MINUTE_MS ? 300 : first && ago < 140 * MINUTE_MS ? 200 : 100;
  return { ...named, ...froze, pid: pid + (first ? 0 : 1) };
}
