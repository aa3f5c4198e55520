import { textOf, type Entry } from '../../src/protocol/entries';
import { eventually } from '../support/eventually';
import { openLog } from '../support/open-log';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient } from '../support/redis-client';
import { startServer, testSettings, uniquePrefix, type TestServer } from '../support/server';
import { startProxy, type TcpProxy } from '../support/tcp-proxy';

/** A Redis that comes back without some of what it has acknowledged. */
let redis: TestRedis;
let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;
let room: string;

const WITHIN_MS = 15_000;

beforeAll(async () => {
  redis = await startRedis();
});

beforeEach(async () => {
  [one, two] = (await startServers(redis, 2)) as [TestServer, TestServer];
  [ann, ben] = [await enter(one, named('Ann')), await enter(two, named('Ben'))];
  room = newRoom();
  await gather(room, ann, ben);
});

/** How the room reads for somebody who comes anew. */
async function readAnew(server: TestServer): Promise<{ epoch: string; texts: (string | undefined)[] }> {
  const reader = await enter(server, named('Reader'));
  const { epoch, messages, reason } = await reader.join(room);
  reader.socket.disconnect();
  expect(reason).toBe('fresh');
  return { epoch: epoch!, texts: messages.map(({ text }) => text) };
}

/** What a person holds of the room: what came since the last gap or new epoch. */
function held(person: Person): string[] {
  const entries = person.entries(room);
  const epoch = entries.at(-1)!.epoch;
  return entries.filter((entry) => entry.epoch === epoch && entry.kind === 'message').map(textOf);
}

const texts = (from: number, to: number, prefix = 'text'): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${prefix} ${from + i}`);

/** Says each until it is committed. */
async function sayAll(person: Person, all: string[]): Promise<void> {
  for (const text of all) await eventually(() => person.say(room, text, text), WITHIN_MS);
}

/** No two people saw different entries at one position. */
function expectOneOrder(...people: Person[]): void {
  const at = new Map<string, string>();
  for (const { epoch, seq, from, id } of people.flatMap((person) => person.entries(room))) {
    const place = `${epoch}:${seq}`;
    expect([place, at.get(place) ?? `${from.id} ${id}`]).toEqual([place, `${from.id} ${id}`]);
    at.set(place, `${from.id} ${id}`);
  }
}

async function healed(epoch: string, all: string[]): Promise<void> {
  await eventually(async () => {
    for (const person of [ann, ben]) expect(held(person)).toEqual(all);
    expect(await readAnew(one)).toEqual({ epoch: expect.not.stringMatching(epoch) as string, texts: all });
  }, WITHIN_MS);
  for (const person of [ann, ben]) expect(person.run(room).faults).toEqual([]);
}

test('[FORGET-1] an older file: a new epoch begins, and all that was acknowledged is there for everybody', async () => {
  const { epoch } = await ann.say(room, 'text 1');
  await sayAll(ann, texts(2, 5));
  redis.save();
  await sayAll(ann, texts(6, 10));
  await sayAll(ben, texts(11, 12));
  await redis.goBack();
  await healed(epoch, texts(1, 12));
  await sayAll(ben, ['after']);
  await healed(epoch, [...texts(1, 12), 'after']);
  expectOneOrder(ann, ben);
});

test('[FORGET-2] FLUSHALL: the same, with all that the servers lately knew', async () => {
  const { epoch } = await ann.say(room, 'text 1');
  await sayAll(ann, texts(2, 8));
  await (await redisClient(redis)).flushAll();
  await healed(epoch, texts(1, 8));
});

test('[FORGET-3] nothing is lost of what a Redis remembers after it was killed, and no epoch begins', async () => {
  const { epoch } = await ann.say(room, 'text 1');
  await sayAll(ben, texts(2, 8));
  await redis.kill();
  await redis.start();
  await eventually(() => ann.say(room, 'after', 'after'), WITHIN_MS);
  await ben.hears(room, 'after');
  expect(await readAnew(two)).toEqual({ epoch, texts: [...texts(1, 8), 'after'] });
  expect(ann.gaps(room).concat(ben.gaps(room))).toEqual([]);
});

test('[FORGET-4] what was deleted does not come back', async () => {
  const { epoch } = await ann.say(room, 'text 1');
  redis.save();
  const said = await ann.say(room, 'a secret');
  const target = { from: ann.hello.user.id, id: said.id };
  await ann.accepted('editMessage', { room, target, text: 'a better secret' });
  await ann.accepted('deleteMessage', { room, target });
  await ben
    .accepted('react', { room, target: { ...target, id: said.id }, emoji: '👍', on: true })
    .catch(() => undefined);
  await redis.goBack();
  await eventually(async () => {
    const now = await readAnew(two);
    expect(now.epoch).not.toBe(epoch);
    expect(now.texts).toEqual(['text 1', undefined]);
  }, WITHIN_MS);
  expect(await eventually(() => ann.say(room, 'a secret', said.id), WITHIN_MS)).toMatchObject({ seq: 2 });
  const reader = await enter(one, named('Late'));
  const { messages } = await reader.join(room, { epoch: 'another', seq: 1 });
  expect(JSON.stringify(messages)).not.toContain('secret');
});

test('[FORGET-5] so too when another server appends first, while the one that knows more is cut off', async () => {
  const settings = testSettings({ keyPrefix: uniquePrefix() });
  const proxy: TcpProxy = await startProxy(redis.port);
  const far = await startServer({ redisUrl: proxy.url, settings });
  const near = await startServer({ redisUrl: redis.url, settings });
  [ann, ben] = [await enter(far, named('Ann')), await enter(near, named('Ben'))];
  room = newRoom();
  await gather(room, ann);
  const { epoch } = await ann.say(room, 'text 1');
  redis.save();
  await sayAll(ann, texts(2, 6));
  proxy.pause();
  await redis.goBack();
  await gather(room, ben);
  await eventually(() => ben.say(room, 'early 1', 'early 1'), WITHIN_MS);
  await sayAll(ben, texts(2, 9, 'early'));
  proxy.resume();
  await eventually(async () => {
    const reader = await enter(near, named('Reader'));
    const now = await reader.join(room);
    reader.socket.disconnect();
    expect(now.epoch).not.toBe(epoch);
    const all = ['text 1', ...texts(1, 9, 'early'), ...texts(2, 6)];
    expect(now.messages.map(({ text }) => text)).toEqual(all);
    for (const person of [ann, ben]) expect(held(person)).toEqual(all);
  }, WITHIN_MS);
  expect(ann.run(room).faults).toEqual([]);
});

const kinds = (entries: Entry[]): string[] => entries.map(({ kind }) => kind);

test('[FORGET-6] edits, reactions and deletes come back in their order', async () => {
  await ann.say(room, 'text 1');
  redis.save();
  const { id } = await ann.say(room, 'text 2');
  const target = { from: ann.hello.user.id, id };
  await ann.accepted('editMessage', { room, target, text: 'edited' });
  await ben.accepted('react', { room, target, emoji: '👍', on: true });
  await redis.goBack();
  const reader = await eventually(async () => {
    const found = await enter(two, named('Reader'));
    const { messages, reason } = await found.join(room);
    expect(reason).toBe('fresh');
    expect(messages.at(-1)).toMatchObject({ text: 'edited', reactions: { '👍': ['guest:Ben'] } });
    return found;
  }, WITHIN_MS);
  await eventually(async () => {
    const { epoch } = await reader.join(room);
    const entries = ben.entries(room).filter((entry) => entry.epoch === epoch);
    expect(kinds(entries)).toEqual(['message', 'message', 'edit', 'reaction']);
  });
});

test('[FORGET-9] a server that starts just then also waits until the others have put back what they know', async () => {
  const keyPrefix = uniquePrefix();
  const waits = async (): Promise<boolean> => {
    const log = await openLog(redis, keyPrefix);
    let hasWaited = false;
    log.onForgetful(async () => void (hasWaited = true));
    await eventually(() => expect(log.writable()).toBe(true));
    return hasWaited;
  };
  expect([await waits(), await waits()]).toEqual([false, false]);
  await redis.kill();
  await redis.start();
  expect([await waits(), await waits()]).toEqual([true, false]);
});

// Replication begins after seconds: for the long tests.
(process.env.ALL ? test : test.skip)(
  '[FORGET-10] a failover to a replica that lags behind is an older file',
  async () => {
    const proxy = await startProxy(redis.port);
    const replica = await startRedis();
    const [master, standby] = [await redisClient(redis), await redisClient(replica)];
    [one, two] = (await startServers({ ...redis, url: proxy.url }, 2)) as [TestServer, TestServer];
    [ann, ben] = [await enter(one, named('Ann')), await enter(two, named('Ben'))];
    room = newRoom();
    await gather(room, ann, ben);
    const { epoch } = await ann.say(room, 'text 1');
    await sayAll(ben, texts(2, 4));
    await standby.sendCommand(['REPLICAOF', '127.0.0.1', `${redis.port}`]);
    await eventually(async () =>
      expect(await standby.info('replication')).toContain('master_link_status:up'),
    );
    await master.wait(1, 5_000);
    await standby.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await sayAll(ann, texts(5, 9));
    proxy.leadTo(replica.port);
    await healed(epoch, texts(1, 9));
    expectOneOrder(ann, ben);
  },
);
