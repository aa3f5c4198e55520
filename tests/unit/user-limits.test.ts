import { setTimeout as sleep } from 'node:timers/promises';
import { RedisConnection } from '../../src/redis/connection';
import { Redis } from '../../src/redis/redis';
import { SharedUserLimits } from '../../src/server/edge/user-limits';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startRedis, type TestRedis } from '../support/redis';
import { uniquePrefix } from '../support/server';

/** 3 connections, 10 s: 3 * (20 + 10 * 1) sends a window. */
const LIMIT = 90;
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

/** The limits of several servers that share a Redis. */
async function servers(count: number, url = redis.url) {
  const keyPrefix = uniquePrefix();
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const options = { name: `s${i}`, deadlineMs: 500, onError: () => undefined };
      const commands = new Redis(url, (address) => new RedisConnection({ ...options, url: address }));
      const limits = new SharedUserLimits({ commands, keyPrefix, sendsPerSecond: 1, sendsBurst: 20 });
      onCleanup(() => (limits.stop(), commands.close()));
      if (url === redis.url) await eventually(() => expect(commands.ready).toBe(true));
      return limits;
    }),
  );
}

/** Sends one after the other until one is refused; how many were taken. */
async function sendUntilRefused(all: SharedUserLimits[], userId: string): Promise<number> {
  for (let taken = 0; taken < 1_000; taken++) {
    if (all[taken % all.length]!.takeSend(userId) > 0) return taken;
    await sleep(2); // somebody who sends 500 a second
  }
  throw new Error('never refused');
}

test('[LIMIT-5] a user on three servers may send what three connections may, within a fifth, others are untouched', async () => {
  const all = await servers(3);
  const taken = await sendUntilRefused(all, 'guest:Hasty');
  expect(taken).toBeGreaterThanOrEqual(LIMIT);
  expect(taken).toBeLessThanOrEqual(LIMIT * 1.2 + 3 * 20);
  for (const limits of all) expect(limits.takeSend('guest:Other')).toBe(0);
  await eventually(() => {
    // The others hear of it with their next block.
    for (const limits of all) expect(limits.takeSend('guest:Hasty')).toBeGreaterThan(0);
  });
});

test('[LIMIT-5] the time of a refusal is true: after it a send is taken', async () => {
  const [limits] = await servers(1);
  await sendUntilRefused([limits!], 'guest:Patient');
  const waitMs = limits!.takeSend('guest:Patient');
  expect(waitMs).toBeLessThanOrEqual(10_000);
  await sleep(waitMs + 1); // the promise under test
  expect(limits!.takeSend('guest:Patient')).toBe(0);
});

test('[LIMIT-6] without Redis each server counts for itself, and none waits for it', async () => {
  const all = await servers(2, 'redis://127.0.0.1:1');
  for (const limits of all) {
    const taken = await sendUntilRefused([limits], 'guest:Hasty');
    expect(taken).toBeGreaterThanOrEqual(LIMIT);
    expect(taken).toBeLessThanOrEqual(LIMIT * 1.2 + 20);
  }
});

test('[LIMIT-6] with a frozen Redis a send is decided at once', async () => {
  const [limits] = await servers(1);
  redis.freeze();
  for (let i = 0; i < 1_000; i++) expect(limits!.takeSend('guest:Quick')).toBe(0); // in this very turn
  redis.thaw();
});
