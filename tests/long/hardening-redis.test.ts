import { roomKeys } from '../../src/server/roomlog/keys';
import { textOf } from '../../src/protocol/entries';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Position } from '../../src/protocol/entries';
import { RedisConnection, type Subscription } from '../../src/redis/connection';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { bodies, openLog } from '../support/open-log';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import { uniquePrefix, type TestServer } from '../support/server';

const HEALED_WITHIN_MS = 20_000;
const KEPT = 5;
const LOST = 5;
const keyPrefix = uniquePrefix();
let redis: TestRedis;
let client: RedisClient;
let servers: TestServer[];

beforeAll(async () => {
  // What is acknowledged is in the file: a copy of the file is a state that Redis has been in.
  redis = await startRedis('--appendfsync', 'always');
  client = await redisClient(redis);
  servers = await startServers(redis, 2, { keyPrefix });
});

/** Sends with one id until it is accepted; answers its place. */
const insist = (person: Person, room: string, text: string): Promise<Position> =>
  eventually(() => person.say(room, text, text), HEALED_WITHIN_MS);

describe('a Redis that goes back', () => {
  let room: string;
  let people: Person[];
  let ann: Person;
  let epoch: string;

  beforeEach(async () => {
    room = newRoom();
    people = await Promise.all([0, 1, 1].map((i) => enter(servers[i]!, named(`Guest ${i}`))));
    ann = people[0]!;
    await gather(room, ...people);
    epoch = (await ann.sayAll(room, KEPT, 'kept')).epoch;
  });

  async function loseMore(): Promise<void> {
    for (let i = 1; i <= LOST; i++) await ann.say(room, `lost ${i}`, `lost ${i}`);
    for (const person of people) await person.reaches(room, KEPT + LOST);
  }

  /** Everybody's run is in the new epoch, has no fault, and gets as far as everybody else's. */
  async function everybodyGoesOn(...texts: string[]): Promise<void> {
    const { seq, epoch: anew } = await insist(ann, room, 'the last one');
    expect(anew).not.toBe(epoch);
    for (const person of people) {
      await person.reaches(room, seq, HEALED_WITHIN_MS);
      // Behind it may come what servers have put back.
      await eventually(async () => {
        const { head } = await ann.accepted('history', { room });
        expect(person.run(room)).toEqual({ epoch: anew, upTo: head, faults: [] });
      }, HEALED_WITHIN_MS);
      const fresh = person.entries(room).filter((entry) => entry.epoch === anew);
      expect(fresh.map(textOf)).toEqual(expect.arrayContaining([...texts, 'the last one']));
    }
    const { messages } = await ann.accepted('history', { room, epoch: anew });
    expect(messages.map(({ seq: place }) => place)).toEqual(messages.map((_, i) => i + 1));
  }

  test('[HARD-6] a Redis that comes back with an older file begins a new epoch, which everybody gets', async () => {
    const { dir } = (await client.configGet('dir')) as { dir: string };
    const [files, copy] = [join(dir, 'appendonlydir'), join(dir, 'older')];
    cpSync(files, copy, { recursive: true });
    await loseMore();
    await redis.kill();
    rmSync(files, { recursive: true });
    cpSync(copy, files, { recursive: true });
    await redis.start();
    await insist(ann, room, 'after 1');
    await insist(ann, room, 'lost 3'); // what was lost can be sent again, with its id
    await insist(people[1]!, room, 'after 2');
    await everybodyGoesOn('after 1', 'lost 3', 'after 2');
  });

  /** Takes the newest entries away under the eyes of the servers. */
  async function goBack(): Promise<void> {
    const [meta, log, ids, , messages] = roomKeys(keyPrefix, room) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const places = Object.entries(await client.hGetAll(ids));
    const gone = places.filter(([, place]) => Number(place.split(':')[0]) > KEPT).map(([key]) => key);
    expect(gone).toHaveLength(LOST);
    const lost = Array.from({ length: LOST }, (_, i) => `${KEPT + 1 + i}-0`);
    await client
      .multi()
      .xDel(log, lost)
      .xSetId(log, `${KEPT}-0`)
      .hSet(meta, { head: KEPT, n: KEPT })
      .hDel(ids, gone)
      .zRemRangeByScore(messages, KEPT + 1, '+inf')
      .exec();
  }

  test('[HARD-6] ... when a server that knows more appends first', async () => {
    await loseMore();
    await goBack();
    const { epoch: anew } = await ann.say(room, 'after');
    expect(anew).not.toBe(epoch);
    await everybodyGoesOn('after');
  });

  test('[HARD-6] ... when a server that knows nothing of the room appends first', async () => {
    const newcomer = await openLog(redis, keyPrefix);
    await loseMore();
    await goBack();
    await newcomer.append(room, bodies(1, 'after'));
    await everybodyGoesOn('after 1');
  });

  test('[HARD-6] ... when nobody appends: it is noticed when heads are compared', async () => {
    await loseMore();
    await goBack();
    const meta = `${keyPrefix}{${room}}:meta`;
    await eventually(async () => expect(await client.hGet(meta, 'epoch')).not.toBe(epoch));
    for (const person of people) await eventually(() => expect(person.run(room).epoch).not.toBe(epoch));
    await everybodyGoesOn();
  });
});

/** A guarded connection that is ready. */
async function open(url: string, deadlineMs = 1_000): Promise<RedisConnection> {
  const options = { url, name: 'guarded', deadlineMs, onError: () => undefined };
  const connection = new RedisConnection(options);
  onCleanup(() => connection.close());
  await eventually(() => expect(connection.ready).toBe(true));
  return connection;
}

const KINDS = ['sharded', 'plain', 'pattern'] as const;
type Kind = (typeof KINDS)[number];

describe('subscriptions', () => {
  function listening(kind: Kind, channel: string) {
    const heard: string[] = [];
    const listener = (message: Buffer): unknown => heard.push(message.toString());
    const subscription: Subscription = { kind, channels: [channel], listener };
    return { heard, subscription };
  }

  const publish = (kind: Kind, channel: string, text: string, by = client): Promise<number> =>
    kind === 'sharded' ? by.sPublish(channel, text) : by.publish(channel, text);

  test.each(KINDS)(
    '[HARD-7] ending one and beginning the next at once hears publications (%s)',
    async (kind) => {
      const channel = newRoom();
      const subscriber = await open(redis.url);
      for (let round = 0; round < 20; round++) {
        const [old, next] = [listening(kind, channel), listening(kind, channel)];
        await subscriber.subscribe(old.subscription);
        subscriber.unsubscribe(old.subscription);
        await subscriber.subscribe(next.subscription); // confirmed, while the end of the old one was in flight
        await publish(kind, channel, 'a');
        await eventually(() => expect(next.heard).toEqual(['a']));
        expect(old.heard).toEqual([]);
        subscriber.unsubscribe(next.subscription);
      }
      subscriber.close();
    },
  );

  test.each(KINDS)('[HARD-7] ... before the first one is confirmed (%s)', async (kind) => {
    const channel = newRoom();
    const subscriber = await open(redis.url);
    for (let round = 0; round < 20; round++) {
      const [old, next] = [listening(kind, channel), listening(kind, channel)];
      const confirmed = subscriber.subscribe(old.subscription);
      subscriber.unsubscribe(old.subscription);
      await Promise.all([confirmed, subscriber.subscribe(next.subscription)]);
      await publish(kind, channel, 'a');
      await eventually(() => expect(next.heard).toEqual(['a']));
      subscriber.unsubscribe(next.subscription);
    }
    subscriber.close();
  });

  test('[HARD-7] ... while Redis is away', async () => {
    const other = await startRedis();
    const [subscriber, publisher] = [await open(other.url), await redisClient(other)];
    const channel = newRoom();
    const pairs = KINDS.map((kind) => ({
      kind,
      old: listening(kind, channel),
      next: listening(kind, channel),
    }));
    for (const { old } of pairs) await subscriber.subscribe(old.subscription);
    await other.kill();
    await eventually(() => expect(subscriber.ready).toBe(false));
    for (const { old, next } of pairs) {
      subscriber.unsubscribe(old.subscription);
      subscriber.keepSubscribed(next.subscription);
    }
    await other.start();
    for (const { kind, old, next } of pairs) {
      await eventually(async () => {
        await publish(kind, channel, 'again', publisher);
        expect(next.heard).toContain('again');
      });
      await publish(kind, channel, kind, publisher);
      await eventually(() => expect(next.heard).toContain(kind));
      expect(old.heard).not.toContain(kind);
    }
    subscriber.close();
  });

  test('[HARD-7] a room that its last member leaves and joins again at once is heard', async () => {
    const room = newRoom();
    const [ann, ben] = [await enter(servers[0]!, named('Ann')), await enter(servers[1]!, named('Ben'))];
    await ann.join(room);
    await ben.join(room);
    for (let round = 0; round < 30; round++) {
      await Promise.all([ben.accepted('leave', { room }), ben.join(room)]);
      // Both servers are told, and the comparison of heads is not needed for it.
      expect(await client.sPublish(`${keyPrefix}{${room}}:feed`, 'noise')).toBe(2);
    }
    const { seq } = await ann.sayAll(room, 20);
    await ben.reaches(room, seq);
    expect(ben.run(room).faults).toEqual([]);
  });
});

/** A turn of the event loop that takes so long. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('[HARD-9] an event loop that is blocked beyond the deadline fails no command that is answered', async () => {
  const deadlineMs = 500; // Redis has twice that to answer, on a machine that does other things too
  const connection = await open(redis.url, deadlineMs);
  const id = (): Promise<unknown> => connection.run((commands) => commands.sendCommand(['CLIENT', 'ID']));
  const before = await id();
  for (let i = 0; i < 5; i++) {
    const answer = connection.run((commands) => commands.set('hard-9', `${i}`));
    // Two turns later it has been written; Redis answers while nobody here looks.
    await new Promise((written) => setImmediate(() => setImmediate(written)));
    block(2 * deadlineMs);
    expect(await answer).toBe('OK');
  }
  expect(await id()).toBe(before); // and the connection was not made anew
  connection.close();
});

test('[HARD-13] one that is rebuilt while it is connecting leaves one live connection', async () => {
  const own = await startRedis(); // nobody else connects to this one
  const observer = await redisClient(own);
  const info = async (): Promise<{ received: number; rebuilt: number }> => {
    const stats = await observer.info('stats');
    const clients = String(await observer.sendCommand(['CLIENT', 'LIST'])).split('\n');
    return {
      received: Number(/total_connections_received:(\d+)/.exec(stats)![1]),
      rebuilt: clients.filter((line) => line.includes(' name=rebuilt ')).length,
    };
  };
  const { received } = await info();
  const options = { url: own.url, name: 'rebuilt', deadlineMs: 1_000, onError: () => undefined };
  const connection = new RedisConnection(options);
  onCleanup(() => connection.close());
  for (let i = 0; i < 9; i++) connection.rebuild();
  await eventually(async () => expect(await info()).toEqual({ received: received + 10, rebuilt: 1 }));
  expect(await connection.run((client) => client.ping())).toBe('PONG');
  connection.rebuild();
  connection.close();
  await eventually(async () => expect(await info()).toEqual({ received: received + 11, rebuilt: 0 }));
});
