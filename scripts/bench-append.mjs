// What forcing Redis's file to disk costs an append, and what batches are worth:
//   npm run build:server && node scripts/bench-append.mjs [folder] [seconds per cell]
// One redis-server per appendfsync, each with a temporary folder of its own; cells are interleaved over five runs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisConnection } from '../dist/redis/connection.js';
import { Redis } from '../dist/redis/redis.js';
import { Appender } from '../dist/server/flow/append.js';
import { RedisRoomLog } from '../dist/server/roomlog/redis.js';

const RUNS = 5;
const SECONDS = Number(process.argv[3] ?? 1);
const POLICIES = ['always', 'everysec', 'no'];
const folder = mkdtempSync(join(resolve(process.argv[2] ?? '.'), 'bench-append-'));
const retention = { keepEntries: 10_000, keepMs: 30 * 86_400_000, idWindowMs: 900_000 };
const text = 'x'.repeat(100);
let count = 0;

const bodyOf = (sender) => {
  const from = { id: `guest:${sender}`, name: `${sender}` };
  return { id: `${++count}`, kind: 'message', from, at: Date.now(), text };
};

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

async function start(policy) {
  const port = await freePort();
  const dir = mkdtempSync(join(folder, `${policy}-`));
  const options = { bind: '127.0.0.1', port, dir, save: '', appendonly: 'yes', appendfsync: policy };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  const connect = (url, name) => new RedisConnection({ url, name, deadlineMs: 1_000, onError: () => {} });
  const redis = new Redis(`redis://127.0.0.1:${port}`, connect);
  const report = (problem) => console.error(`${policy}: ${problem}`);
  const log = new RedisRoomLog({ redis, name: 'bench', keyPrefix: 'bench:', retention, report });
  await new Promise((ready) => log.onWritable(ready));
  const stop = async () => {
    for (const each of [log, redis]) each.close();
    child.kill();
    await once(child, 'exit');
  };
  /** Also waits for a connection that was made anew because a call passed its deadline. */
  const empty = async () => {
    while (!log.writable()) await sleep(50);
    await redis.run('', (client) => client.flushAll()).catch(() => undefined);
  };
  return { log, stop, empty };
}

/** The server's own batching: one call per room in flight, with what has come meanwhile in it. */
function appenderOf(log) {
  const refuse = () => Promise.reject(new Error('past its deadline'));
  const outbox = { has: () => false, blocks: () => false, add: refuse };
  return new Appender({ log, outbox, commit: (room, bodies) => log.append(room, bodies) });
}

/** As Promise.all, but when it rejects nothing goes on that would disturb what is measured next. */
async function all(promises) {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}

/** So many senders, each of whom waits for his acknowledgement before he sends the next one. */
async function closedLoop({ log }, { senders, rooms }) {
  const appender = appenderOf(log);
  const taken = [];
  const begin = performance.now();
  const send = async (n) => {
    for (;;) {
      const start = performance.now();
      if (start - begin > SECONDS * 1000) return;
      await appender.append(`room ${n % rooms}`, bodyOf(n));
      taken.push(performance.now() - start);
    }
  };
  await all(Array.from({ length: senders }, (_, n) => send(n)));
  return { rate: (taken.length * 1000) / (performance.now() - begin), taken };
}

/** So many messages a second, whether acknowledgements come or not; time counts from the planned instant. */
async function openLoop({ log }, { perSecond, rooms }) {
  const appender = appenderOf(log);
  const taken = [];
  const sent = [];
  const begin = performance.now();
  for (let n = 0; n < perSecond * SECONDS;) {
    for (; n < perSecond * SECONDS && begin + (n * 1000) / perSecond <= performance.now(); n++) {
      const planned = begin + (n * 1000) / perSecond;
      const timed = appender
        .append(`room ${n % rooms}`, bodyOf(n))
        .then(() => taken.push(performance.now() - planned));
      timed.catch(() => undefined); // `all` tells
      sent.push(timed);
    }
    await sleep(1);
  }
  await all(sent);
  return { rate: (taken.length * 1000) / (performance.now() - begin), taken };
}

/** Calls of one size, one per room in flight. `taken` is the time of a call. */
async function batches({ log }, { size, rooms }) {
  const taken = [];
  const begin = performance.now();
  const call = async (n) => {
    for (;;) {
      const start = performance.now();
      if (start - begin > SECONDS * 1000) return;
      await log.append(
        `room ${n}`,
        Array.from({ length: size }, () => bodyOf(n)),
      );
      taken.push(performance.now() - start);
    }
  };
  await all(Array.from({ length: rooms }, (_, n) => call(n)));
  return { rate: (taken.length * size * 1000) / (performance.now() - begin), taken };
}

const cells = [1, 50].flatMap((rooms) => [
  ...[1, 10, 100, 500].map((senders) => ({ kind: 'senders', how: closedLoop, senders, rooms })),
  ...[1_000, 3_000, 6_000].map((perSecond) => ({ kind: 'a second', how: openLoop, perSecond, rooms })),
  ...[1, 16, 64, 128, 512].map((size) => ({ kind: 'a call', how: batches, size, rooms })),
]);

const ascending = (numbers) => [...numbers].sort((a, b) => a - b);
const at = (numbers, share) => ascending(numbers)[Math.floor((numbers.length - 1) * share)];
const round = (number) => (number < 10 ? number.toFixed(1) : Math.round(number).toLocaleString('en'));
/** Median, and the lowest and highest of all runs. */
const shown = (numbers) => `${round(at(numbers, 0.5))} (${round(at(numbers, 0))}–${round(at(numbers, 1))})`;

function print(cell) {
  const { kind, rooms, results } = cell;
  const load = `${cell.senders ?? cell.perSecond ?? cell.size} ${kind}, ${rooms} room${rooms > 1 ? 's' : ''}`;
  for (const policy of POLICIES) {
    const runs = results[policy];
    if (runs.some(({ error }) => error)) {
      console.log(
        `| ${load} | ${policy} | ${runs.filter(({ error }) => error).length} of ${RUNS} runs failed | | |`,
      );
      continue;
    }
    const [rates, p50, p99] = [
      ({ rate }) => rate,
      ({ taken }) => at(taken, 0.5),
      ({ taken }) => at(taken, 0.99),
    ];
    console.log(
      `| ${load} | ${policy} | ${[rates, p50, p99].map((of) => shown(runs.map(of))).join(' | ')} |`,
    );
  }
}

const servers = {};
try {
  for (const policy of POLICIES) servers[policy] = await start(policy);
  for (let run = 0; run <= RUNS; run++) {
    for (const cell of cells) {
      cell.results ??= Object.fromEntries(POLICIES.map((policy) => [policy, []]));
      // Each policy is the first one now and then. The first run warms up, and does not count.
      for (let i = 0; i < POLICIES.length; i++) {
        const policy = POLICIES[(i + run) % POLICIES.length];
        const result = await cell.how(servers[policy], cell).catch((error) => ({ error }));
        if (run > 0) cell.results[policy].push(result);
        await servers[policy].empty();
      }
    }
    console.error(`run ${run} of ${RUNS} is done`);
  }
  console.log('| load | appendfsync | appends/s | p50 ms | p99 ms |\n|---|---|---|---|---|');
  for (const kind of ['senders', 'a second', 'a call'])
    cells.filter((cell) => cell.kind === kind).forEach(print);
} finally {
  for (const { stop } of Object.values(servers)) await stop();
  rmSync(folder, { recursive: true, force: true });
}
