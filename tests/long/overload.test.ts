import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerStats } from '../../src/protocol/stats';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { FailingServer } from '../support/failing-server';
import { Flood, type FloodResult } from '../support/flood';
import { freePort } from '../support/ports';
import { startRedis } from '../support/redis';
import { uniquePrefix } from '../support/server';

/** OVERLOAD_SECONDS changes the length of the overload. */
const SECONDS = Number(process.env.OVERLOAD_SECONDS ?? 60);
const STEP_MS = 5_000;
const CLIENTS = 400;
const ROOMS = 20;

let port: number;
let flood: Flood;

beforeAll(async () => {
  const redis = await startRedis();
  const varDir = mkdtempSync(join(tmpdir(), 'chat-overload-'));
  onCleanup(() => rmSync(varDir, { recursive: true, force: true }));
  port = await freePort();
  const env = { VAR_DIR: varDir, REDIS_URL: redis.url, KEY_PREFIX: uniquePrefix() };
  const server = new FailingServer('chat-flooded', port, {
    ...env,
    SENDS_PER_SECOND: '0',
    LOG_LEVEL: 'warn',
  });
  await server.start();
  flood = new Flood();
  await flood.open({ port, clients: CLIENTS, rooms: ROOMS, name: 'flood' });
}, 60_000);

const stats = async (): Promise<ServerStats> =>
  (await (await fetch(`http://127.0.0.1:${port}/stats`)).json()) as ServerStats;

/** A run, the deliveries a second of it, and how the event loop did in each second. */
async function offer(rate: number, forMs: number) {
  const before = await stats();
  const start = performance.now();
  const delays: number[] = [];
  const states = new Set<string>();
  let runs = true;
  const look = async (): Promise<void> => {
    while (runs) {
      const { loop, state } = await stats();
      delays.push(loop.delayP99Ms);
      states.add(state);
      await sleep(1_000);
    }
  };
  const [result] = await Promise.all([flood.run(rate, forMs).finally(() => (runs = false)), look()]);
  const { deliveries } = await stats();
  const seconds = (performance.now() - start) / 1_000;
  return { rate, result, delays, states, deliveries: (deliveries - before.deliveries) / seconds };
}

const refusedOf = ({ refused }: FloodResult): number => refused.overloaded ?? 0;

test('[OVER-6] at three times the load that a server carries it goes on: nothing accepted is lost, nobody is cut off', async () => {
  let best = await offer(1_000, STEP_MS);
  for (let rate = 2_000; refusedOf(best.result) < best.result.sent / 20 && rate <= 16_000; rate *= 1.5) {
    const next = await offer(Math.round(rate), STEP_MS);
    if (next.deliveries > best.deliveries) best = next;
    if (refusedOf(next.result) > next.result.sent / 20) break;
  }
  const over = await offer(3 * best.rate, SECONDS * 1_000);
  const last = await eventually(async () => {
    const result = await flood.result();
    expect({ unanswered: result.unanswered, missing: result.missing }).toEqual({ unanswered: 0, missing: 0 });
    return result;
  }, 60_000);
  const delays = over.delays.sort((a, b) => a - b);
  const line = (name: string, { rate, deliveries, result }: typeof over): string =>
    `${name}: offered ${rate}/s, deliveries ${Math.round(deliveries)}/s, refused ${refusedOf(result)} of ${result.sent}, ` +
    `ack p50 ${Math.round(result.ack.p50)} ms, p99 ${Math.round(result.ack.p99)} ms, generator late ${Math.round(result.lateMs)} ms\n`;
  process.stderr.write(line('best', best) + line('over', over));
  process.stderr.write(
    `loop delay p99 of six seconds: median ${delays[delays.length >> 1]} ms, worst ${delays.at(-1)} ms\n`,
  );
  expect(over.states).toContain('overloaded');
  expect(Object.keys(last.refused)).toEqual(['overloaded']);
  expect(Math.min(...last.retryAfterMs)).toBeGreaterThanOrEqual(500);
  expect(new Set(last.retryAfterMs).size).toBeGreaterThan(50); // spread
  expect(last.closed).toBe(0);
  expect(last.doubled).toBe(0);
  await eventually(async () => expect((await stats()).state).toBe('ok'), 30_000);
}, 300_000);
