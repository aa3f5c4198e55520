import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { FailingServer } from '../support/failing-server';
import { enter, named, newRoom, type Person } from '../support/person';
import { freePort } from '../support/ports';
import { startRedis, type TestRedis } from '../support/redis';
import { uniquePrefix } from '../support/server';
import { commandsFor, Stormer } from '../support/stormer';

/** STORM_CLIENTS changes the size of the storm. */
const CLIENTS = Number(process.env.STORM_CLIENTS ?? 2_000);
const COMING_MS = 5_000;
const BACK_WITHIN_MS = 20_000;

const room = newRoom();
let redis: TestRedis;
let url: string;

beforeAll(async () => {
  redis = await startRedis();
  const varDir = mkdtempSync(join(tmpdir(), 'chat-storm-'));
  onCleanup(() => rmSync(varDir, { recursive: true, force: true }));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const env = { VAR_DIR: varDir, REDIS_URL: redis.url, KEY_PREFIX: uniquePrefix(), LOG_LEVEL: 'warn' };
  await new FailingServer('chat-stormed', port, env).start();
});

/** Says something every 100 ms until told to stop; resolves with how long each answer took. */
async function chatOn(person: Person, elsewhere: string, goesOn: () => boolean): Promise<number[]> {
  const took: number[] = [];
  while (goesOn()) {
    const start = performance.now();
    await person.accepted('sendMessage', { room: elsewhere, text: 'still here' });
    took.push(performance.now() - start);
    await sleep(100); // the pace of a person, not a wait for anything
  }
  return took;
}

test('[OVER-8] 2,000 stock clients come into one room in 5 s, are cut at once, and are all back and caught up in 20 s', async () => {
  const [ann, ben] = [await enter({ url }, named('Ann')), await enter({ url }, named('Ben'))];
  const elsewhere = newRoom();
  await Promise.all([ann.join(room), ann.join(elsewhere), ben.join(elsewhere)]);
  await ann.sayAll(room, 50);
  const stormers: Stormer[] = [];
  const start = performance.now();
  for (let i = 0; i < CLIENTS; i++) {
    const wait = start + (i * COMING_MS) / CLIENTS - performance.now();
    if (wait > 1) await sleep(wait);
    stormers.push(new Stormer(url, room, `stormer-${i}`));
  }
  await eventually(() => expect(stormers.filter(({ isIn }) => !isIn)).toHaveLength(0), 60_000);

  const commands = await commandsFor(redis, room);
  let isStorm = true;
  const chatting = chatOn(ben, elsewhere, () => isStorm);
  for (const stormer of stormers) stormer.cut();
  const { seq } = await ann.say(room, 'while you were away');
  const cutAt = performance.now();
  await eventually(() => expect(stormers.filter(({ upTo }) => upTo < seq)).toHaveLength(0), BACK_WITHIN_MS);
  const backMs = performance.now() - cutAt;
  isStorm = false;
  const took = (await chatting).sort((a, b) => a - b);
  const [most, half] = [took.at(-1)!, took[took.length >> 1]!];
  process.stderr.write(
    `${CLIENTS} back in ${Math.round(backMs)} ms, ${commands.count} commands for their room; `,
  );
  process.stderr.write(`elsewhere p50 ${Math.round(half)} ms, worst ${Math.round(most)} ms\n`);
  expect(commands.count).toBeLessThan(CLIENTS / 10); // heads, presence, the one message: not a read for each
  expect(most).toBeLessThan(BACK_WITHIN_MS);
  expect(stormers.filter(({ hasHole }) => hasHole)).toHaveLength(0);
}, 180_000);
