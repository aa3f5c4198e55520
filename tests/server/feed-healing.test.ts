import type { MessageBody } from '../../src/protocol/entries';
import type { RedisRoomLog } from '../../src/server/roomlog/redis';
import { eventually } from '../support/eventually';
import { bodies, openLog, openMuteLog } from '../support/open-log';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import { startServer, testSettings, uniquePrefix, type TestServer } from '../support/server';
import { startProxy, type TcpProxy } from '../support/tcp-proxy';
import { Traffic } from '../support/traffic';

/** What is published gets lost in every way; nobody reloads, and nobody asks for anything. */
const HEALED_WITHIN_MS = 5_000;
const keyPrefix = uniquePrefix();

let redis: TestRedis;
let client: RedisClient;
/** Appends as any server does, but holds no room. */
let log: RedisRoomLog;
/** What is appended through it is not published. */
let mute: RedisRoomLog;
/** Between Ben's server and Redis. */
let proxy: TcpProxy;
let bensServer: TestServer;
let ann: Person;
let ben: Person;
let room: string;

beforeAll(async () => {
  redis = await startRedis();
  client = await redisClient(redis);
  [log, mute] = [await openLog(redis, keyPrefix), await openMuteLog(redis, keyPrefix)];
  proxy = await startProxy(redis.port);
  const [annsServer] = (await startServers(redis, 1, { keyPrefix })) as [TestServer];
  bensServer = await startServer({ redisUrl: proxy.url, settings: testSettings({ keyPrefix }) });
  [ann, ben] = [await enter(annsServer, named('Ann')), await enter(bensServer, named('Ben'))];
});

/** How Redis knows the connection over which Ben's server hears; undefined if there is none. */
async function subscriberId(): Promise<string | undefined> {
  const list = String(await client.sendCommand(['CLIENT', 'LIST', 'TYPE', 'pubsub']));
  return new RegExp(`id=(\\d+) .*name=${bensServer.name}:subscriber `).exec(list)?.[1];
}

beforeEach(async () => {
  await eventually(async () => {
    expect(await subscriberId()).toBeDefined();
    expect(bensServer.stats().state).toBe('ok');
  });
  room = newRoom();
  await gather(room, ann, ben);
  const { seq } = await ann.say(room, 'start');
  for (const person of [ann, ben]) await person.reaches(room, seq);
});

/** Everybody holds the whole log, in its order and with no more than it holds. */
async function healed(): Promise<void> {
  const ended = Date.now();
  for (const person of [ann, ben]) {
    await eventually(
      async () => {
        const [head] = await log.heads([room]);
        expect(person.entries(room).at(-1)?.seq).toBe(head!.head);
      },
      ended + HEALED_WITHIN_MS - Date.now(),
    );
    expect(person.entries(room).map(({ seq }) => seq)).toEqual(person.entries(room).map((_, i) => i + 1));
    expect([person.gaps(room), person.run(room).faults]).toEqual([[], []]);
  }
}

test('[HEAL-1] lost publications in the middle and at the end', async () => {
  for (let i = 0; i < 40; i++) {
    if (i % 3 === 0) await ann.say(room, `heard ${i}`);
    else await mute.append(room, bodies(1 + (i % 4), `lost ${i},`));
  }
  await mute.append(room, bodies(3, 'the last ones,'));
  await healed();
});

test('[HEAL-2] subscribers that are killed again and again, the last time before the last message', async () => {
  const traffic = new Traffic(room, [ann, ben]);
  for (let i = 1; i <= 20; i++) {
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    await eventually(() => expect(traffic.accepted.length).toBeGreaterThan(10 * i));
  }
  await traffic.end();
  await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
  await ann.say(room, 'the last one');
  await healed();
  for (const text of [...traffic.accepted, 'the last one']) expect(ben.texts(room)).toContain(text);
});

/** 60 kB of messages. */
const large = (name: string): MessageBody[] =>
  bodies(15, name).map((body) => ({ ...body, text: body.text.padEnd(4_000, '.') }));

test('[HEAL-3] a server that reads nothing, and is cut off for the limit of its output buffer', async () => {
  await client.configSet('client-output-buffer-limit', 'pubsub 256kb 0 0');
  const id = await subscriberId();
  proxy.stall(true);
  for (let i = 0; (await subscriberId()) === id; i++) {
    expect(i).toBeLessThan(500);
    await log.append(room, large(`large ${i},`));
  }
  proxy.stall(false);
  await healed();
  await client.configSet('client-output-buffer-limit', 'pubsub 32mb 8mb 60');
});

test('[HEAL-4] a subscriber that went deaf before the last message', async () => {
  const id = await subscriberId();
  proxy.deafen();
  await ann.say(room, 'into deaf ears');
  await ann.say(room, 'the last one');
  await healed();
  // It was deaf: otherwise nobody had made it anew.
  await eventually(async () => expect([undefined, id]).not.toContain(await subscriberId()));
});

test('[HEAL-5] a restart of Redis, with all that was acknowledged before and meanwhile', async () => {
  const traffic = new Traffic(room, [ann, ben]);
  await eventually(() => expect(traffic.accepted.length).toBeGreaterThan(50));
  await redis.kill();
  const before = traffic.accepted.length;
  await eventually(() => expect(traffic.accepted.length).toBeGreaterThan(before + 50));
  await traffic.end();
  await redis.start();
  const started = Date.now();
  await eventually(() => {
    for (const text of traffic.accepted)
      for (const person of [ann, ben]) expect(person.texts(room)).toContain(text);
  }, HEALED_WITHIN_MS);
  await healed();
  expect(Date.now() - started).toBeLessThan(HEALED_WITHIN_MS);
});
