import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '../../src/load/checker';
import type { Transport } from '../../src/load/client';
import { Crowd } from '../../src/load/crowd';
import { anySeed, Random } from '../../src/load/random';
import { waitUntil } from '../../src/load/waiting';
import { onCleanup } from '../support/cleanup';
import { FailingServer } from '../support/failing-server';
import { projectRoot } from '../support/fleet';
import { freePortRun } from '../support/port-run';
import { startRedis, type TestRedis } from '../support/redis';
import { uniquePrefix } from '../support/server';

/** FAILPOINT_SEED repeats a run, FAILPOINT_DEATHS changes its length. */
const SEED = Number(process.env.FAILPOINT_SEED ?? anySeed());
const DEATHS = Number(process.env.FAILPOINT_DEATHS ?? 200);
/** Not every run gets to its point before the traffic is over. */
const MOST_RUNS = 1.5 * DEATHS;
const MOST_PASSAGES = 6;
const DIES_WITHIN_MS = 4_000;
const AWAY_MS = 1_500;

/** Points on the way of every send. */
const sending = ['append.before', 'append.after', 'ack.before', 'ack.after'];
/** Points on the way of a send while Redis is away. */
const queueing = [
  ...['open.before', 'open.after', 'write.before', 'write.half', 'write.after'],
  ...['datasync.before', 'datasync.after'],
].map((point) => `outbox.${point}`);
/** Points after Redis has come back, and while the file of a dead server is taken over. */
const emptying = ['outbox.unlink.before', 'outbox.unlink.after'];
const adopting = ['outbox.rename.before', 'outbox.rename.after'];

const hasOutbox = existsSync(join(projectRoot, 'dist', 'server', 'outbox', 'disk.js'));
const points = hasOutbox ? [...sending, ...queueing, ...emptying, ...adopting] : sending;

const random = new Random(SEED);
const reached = new Map<string, number>();
let redis: TestRedis;
let servers: FailingServer[];
let crowd: Crowd;
const rooms = ['lobby', 'tea', 'corner-0', 'corner-1'];
// The third of each three has no server of its own: after a death it goes on with the other one.
const transports: Transport[] = ['polling', 'upgrade', 'websocket'];

beforeAll(async () => {
  process.stderr.write(`FAILPOINT_SEED=${SEED}\n`);
  redis = await startRedis();
  const varDir = mkdtempSync(join(tmpdir(), 'chat-failpoints-'));
  onCleanup(() => rmSync(varDir, { recursive: true, force: true }));
  const first = await freePortRun(2);
  const env = {
    ...{ VAR_DIR: varDir, REDIS_URL: redis.url, KEY_PREFIX: uniquePrefix(), SENDS_PER_SECOND: '0' },
    ...{ REDIS_DEADLINE_MS: '300', LOG_LEVEL: 'warn' },
  };
  servers = [first, first + 1].map((port) => new FailingServer(`chat-${port}`, port, env));
  await Promise.all(servers.map((server) => server.start()));
  const either = await startRelay(servers.map(({ port }) => port));
  crowd = new Crowd({
    urls: [first, first + 1, either].map((port) => `http://127.0.0.1:${port}`),
    clients: 12,
    transports,
    rooms: (i) => ['tea', `corner-${i % 2}`],
    seed: SEED,
  });
  onCleanup(() => crowd.close());
  await crowd.connectAll();
}, 60_000);

test(
  '[CHAOS-6] kill -9 at every step of a send loses nothing and doubles nothing',
  async () => {
    for (let run = 0; deaths() < DEATHS && run < MOST_RUNS; run++) {
      const point = points[run % points.length]!;
      const victim = run % 2; // the other one comes back meanwhile
      const traffic = crowd.sendSteadily({ ratePerSecond: 100, forMs: 1_000, rooms });
      await die(point, servers[victim]!, servers[1 - victim]!);
      await traffic;
    }
    await Promise.all(servers.map((server) => server.start()));
    await waitUntil(() => crowd.clients.every((client) => client.ready), 20_000);
    const logs = await crowd.settle(30_000);
    const report = check({ seed: SEED, journals: crowd.journals, logs });
    process.stderr.write(`${JSON.stringify({ ...report, reached: Object.fromEntries(reached) })}\n`);
    expect(report).toMatchObject({ examples: [], violations: 0 });
    expect([...reached.keys()].sort()).toEqual([...points].sort());
    expect(deaths()).toBe(DEATHS);
  },
  MOST_RUNS * 10_000,
);

/** Servers that died at their point. */
const deaths = (): number => [...reached.values()].reduce((sum, count) => sum + count, 0);

/** One run: the victim dies at the point, and everything begins to come back. */
async function die(point: string, victim: FailingServer, other: FailingServer): Promise<void> {
  await victim.start();
  await waitUntil(() => crowd.clients.some(({ ready, server }) => ready && server === victim.name), 5_000);
  const nth =
    1 +
    Math.floor(random.next() * (point.startsWith('append') || point.startsWith('ack') ? MOST_PASSAGES : 2));
  // Some sends go wrong at the same time as Redis: then the way leads over the outbox.
  const away = !sending.includes(point) || random.next() < 0.2;
  if (away) await redis.kill();
  if (adopting.includes(point)) {
    await sleep(AWAY_MS); // messages queue up
    await other.kill();
  }
  victim.arm(point, nth);
  if (away) {
    await victim.dies(AWAY_MS);
    await redis.start();
  }
  if (await victim.dies(DIES_WITHIN_MS)) reached.set(point, (reached.get(point) ?? 0) + 1);
  else victim.arm('', 0);
  for (const server of [victim, other]) if (!server.runs) void server.start().catch(noted);
}

/** Who waits for the start is told too. */
const noted = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);

/** A port behind which is the first of these that answers; the one asked first changes. */
async function startRelay(ports: number[]): Promise<number> {
  const sockets = new Set<Socket>();
  let count = 0;
  const listener = createServer((near) => {
    const first = count++ % ports.length;
    bridge(near, [...ports.slice(first), ...ports.slice(0, first)], sockets);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onCleanup(() => {
    listener.close();
    for (const socket of sockets) socket.destroy();
  });
  return (listener.address() as AddressInfo).port;
}

function bridge(near: Socket, [port, ...others]: number[], sockets: Set<Socket>): void {
  sockets.add(near);
  near.on('error', () => undefined);
  if (port === undefined) return void near.destroy();
  const far = connect(port, '127.0.0.1');
  let connected = false;
  far.on('connect', () => {
    connected = true;
    near.pipe(far);
    far.pipe(near);
    near.on('close', () => far.destroy());
  });
  far.on('error', () => undefined);
  far.on('close', () => (connected ? near.destroy() : bridge(near, others, sockets)));
}
