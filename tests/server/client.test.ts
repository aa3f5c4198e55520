import { createChat, type Chat, type ChatOptions, type Room } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startRedis, type TestRedis } from '../support/redis';
import { startServer, uniquePrefix, type TestServer } from '../support/server';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});

function open(server: TestServer, options: ChatOptions): Chat {
  const chat = createChat({ url: server.url, ...options });
  onCleanup(() => chat.close());
  return chat;
}

/** Two servers of one fleet that no other test shares, and a way to start one of them once more. */
async function twoServers(sendsPerSecond = 0) {
  const options = { redisUrl: redis.url, settings: { keyPrefix: uniquePrefix(), sendsPerSecond } };
  const restart = ({ name, port }: TestServer) => startServer({ ...options, name, port });
  return { a: await startServer(options), b: await startServer(options), restart };
}

const texts = (room: Room): string[] => room.timeline().map(({ text }) => text);
const allCommitted = (room: Room): boolean => room.timeline().every(({ state }) => state === 'committed');
const joined = (...rooms: Room[]) =>
  eventually(() => rooms.forEach((room) => expect(room.state.kind).toBe('joined')));

describe('client on real servers', () => {
  it('[CLIENT-1] shows the same list to people on two servers, with everybody writing at once', async () => {
    const { a, b } = await twoServers();
    const people = { mina: a, jun: b, hana: a, theo: b };
    const rooms = Object.entries(people).map(([name, server]) => open(server, { name }).room('lobby'));
    await joined(...rooms);
    for (let i = 0; i < 40; i++) rooms.forEach((room, who) => room.send(`${who}:${i}`));
    await eventually(() => {
      for (const room of rooms) {
        expect(texts(room)).toHaveLength(160);
        expect(allCommitted(room)).toBe(true);
      }
    }, 20_000);
    const [first, ...others] = rooms.map(texts);
    for (const other of others) expect(other).toEqual(first);
    const ofMina = first!.filter((text) => text.startsWith('0:'));
    expect(ofMina).toEqual(Array.from({ length: 40 }, (_, i) => `0:${i}`));
  });

  it('[CLIENT-6] reads all that was said before, page by page', async () => {
    const { a, b } = await twoServers();
    const room = open(a, { name: 'mina' }).room('카페');
    const expected = Array.from({ length: 130 }, (_, i) => `${i}`);
    expected.forEach((text) => room.send(text));
    await eventually(() => expect(texts(room)).toEqual(expected), 20_000);
    await eventually(() => expect(allCommitted(room)).toBe(true));
    const late = open(b, { name: 'jun' }).room('카페');
    await eventually(() => expect(texts(late)).toEqual(expected.slice(-100)));
    while (!late.complete) expect(await late.older()).toBeUndefined();
    expect(texts(late)).toEqual(expected);
  });

  it('[CLIENT-10] comes back to a server that was away: nothing missed, nothing doubled, what was written meanwhile is sent', async () => {
    const { a, b, restart } = await twoServers();
    const mina = open(a, { name: 'mina' }).room('lobby');
    const jun = open(b, { name: 'jun' }).room('lobby');
    await joined(mina, jun);
    mina.send('before');
    await eventually(() => expect(texts(jun)).toEqual(['before']));
    await b.stop();
    jun.send('written while away');
    mina.send('said meanwhile');
    await eventually(() => expect(allCommitted(mina)).toBe(true));
    await restart(b);
    const expected = ['before', 'said meanwhile', 'written while away'];
    await eventually(() => expect([texts(mina), texts(jun)]).toEqual([expected, expected]), 20_000);
  });

  it('[CLIENT-8] sends what waited when Redis is back, once and in order', async () => {
    const { a, b } = await twoServers();
    const mina = open(a, { name: 'mina' }).room('lobby');
    const jun = open(b, { name: 'jun' }).room('lobby');
    await joined(mina, jun);
    await redis.kill();
    ['1', '2', '3'].forEach((text) => mina.send(text));
    expect(mina.timeline().map(({ state }) => state)).toEqual(['sending', 'sending', 'sending']);
    await redis.start();
    await eventually(() => expect([texts(jun), allCommitted(jun)]).toEqual([['1', '2', '3'], true]), 20_000);
    await eventually(() => expect([texts(mina), allCommitted(mina)]).toEqual([['1', '2', '3'], true]));
  });

  it('[CLIENT-8] waits as told when it writes too fast', async () => {
    const { a } = await twoServers(20);
    const room = open(a, { name: 'mina' }).room('lobby');
    const expected = Array.from({ length: 120 }, (_, i) => `${i}`);
    expected.forEach((text) => room.send(text));
    await eventually(() => expect([texts(room), allCommitted(room)]).toEqual([expected, true]), 30_000);
  });

  it('[CLIENT-9] fails a text that is too long, and one that is blank', async () => {
    const { a } = await twoServers();
    const room = open(a, { name: 'mina' }).room('lobby');
    room.send('가'.repeat(4_001));
    room.send('   ');
    await eventually(() => {
      expect(room.timeline().map(({ error }) => error?.code)).toEqual(['too_large', 'invalid']);
    });
  });

  it('[CLIENT-12] is the same unnamed guest after a reconnect', async () => {
    const { a, restart } = await twoServers();
    const chat = open(a, {});
    await eventually(() => expect(chat.user).toBeDefined());
    const { id } = chat.user!;
    await a.stop();
    await eventually(() => expect(chat.state.kind).toBe('reconnecting'));
    await restart(a);
    await eventually(() => expect(chat.state.kind).toBe('online'), 20_000);
    expect(chat.user!.id).toBe(id);
  });

  it('[CLIENT-13] receives nothing of a room it left, and is refused with a name that cannot be', async () => {
    const { a, b } = await twoServers();
    const chat = open(a, { name: 'mina' });
    const left = chat.room('lobby');
    await joined(left);
    left.leave();
    const jun = open(b, { name: 'jun' }).room('lobby');
    jun.send('hello');
    await eventually(() => expect(texts(jun)).toEqual(['hello']));
    await eventually(() => expect(texts(chat.room('lobby'))).toEqual(['hello']));
    expect(texts(left)).toEqual([]);
    const nameless = open(a, { name: '' });
    await eventually(() =>
      expect(nameless.state).toMatchObject({ kind: 'refused', error: { code: 'invalid' } }),
    );
  });
});
