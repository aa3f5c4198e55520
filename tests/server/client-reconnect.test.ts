import { createChat, type Chat, type ChatOptions, type Room } from '../../src/client';
import type { Settings } from '../../src/config/settings';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startLossyProxy } from '../support/lossy-proxy';
import { MemoryStorage } from '../support/memory-storage';
import { startRedis, type TestRedis } from '../support/redis';
import { operatorSecret, startServer, uniquePrefix } from '../support/server';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});

/** As a frame of WebSocket: that Socket.IO ends the connection to the namespace, for good in its own eyes. */
const SERVER_DISCONNECT = Buffer.from([0x81, 2, ...Buffer.from('41')]);

function open(url: string, options: ChatOptions = {}): { chat: Chat; lobby: Room } {
  const chat = createChat({ url, name: 'mina', transports: ['websocket'], ...options });
  onCleanup(() => chat.close());
  return { chat, lobby: chat.room('lobby') };
}

/** A server behind a bad network with Mina, and Jun who is on it without one. */
async function two(settings: Partial<Settings> = {}, options: ChatOptions = {}) {
  const server = await startServer({
    redisUrl: redis.url,
    settings: { keyPrefix: uniquePrefix(), ...settings },
  });
  const proxy = await startLossyProxy(server.port);
  const { chat, lobby: mina } = open(proxy.url, options);
  const { lobby: jun } = open(server.url, { name: 'jun' });
  await eventually(() => expect([mina.state.kind, jun.state.kind]).toEqual(['joined', 'joined']));
  return { server, proxy, chat, mina, jun };
}

const states = (room: Room): string[] => room.timeline().map(({ text, state }) => `${text} ${state}`);
const committed = (...texts: string[]): string[] => texts.map((text) => `${text} committed`);
const bothShow = (rooms: { mina: Room; jun: Room }, ...texts: string[]) =>
  eventually(() => {
    expect(states(rooms.jun)).toEqual(committed(...texts));
    expect(states(rooms.mina)).toEqual(committed(...texts));
  }, 20_000);

describe('client on a bad network', () => {
  it('[CLIENT-11] comes back when Socket.IO ends the connection from the server, and misses nothing', async () => {
    const there = await two();
    there.proxy.inject(SERVER_DISCONNECT);
    await eventually(() => expect(there.chat.state.kind).toBe('reconnecting'));
    there.mina.send('one');
    there.jun.send('two');
    await eventually(() => {
      expect([...states(there.mina)].sort()).toEqual(committed('one', 'two'));
      expect(states(there.jun)).toEqual(states(there.mina));
    });
    expect(there.proxy.count()).toBe(2);
  });

  it('[CLIENT-11] stays away when it is kicked, keeping what was not sent', async () => {
    const { server, proxy, chat, mina } = await two();
    const response = await fetch(`${server.url}/operator/kick`, {
      method: 'POST',
      body: JSON.stringify({ user: 'guest:mina' }),
      headers: { Authorization: `Bearer ${operatorSecret}`, 'Content-Type': 'application/json' },
    });
    expect(response.status).toBe(200);
    await eventually(() => expect(chat.state).toMatchObject({ kind: 'refused', error: { code: 'kicked' } }));
    mina.send('later');
    expect(states(mina)).toEqual(['later sending']);
    expect(proxy.count()).toBe(1);
  });

  it('[CLIENT-30] resends what was cut before its answer came, with its id, so that it is there once and in order', async () => {
    const there = await two();
    there.proxy.lose('answers');
    const id = there.mina.send('one');
    there.mina.send('two');
    await eventually(() => expect(states(there.jun)).toEqual(['one committed']));
    expect(states(there.mina)).toEqual(['one sending', 'two sending']);
    there.proxy.cut();
    there.proxy.lose('nothing');
    there.mina.send('three');
    await bothShow(there, 'one', 'two', 'three');
    expect(there.jun.timeline()[0]!.id).toBe(id);
    expect(there.proxy.count()).toBeGreaterThan(1);
  });

  it.each([['websocket'], ['polling']] as const)(
    '[CLIENT-30] notices by the heartbeat that nothing comes through any more, over %s, and comes back',
    async (transport) => {
      const heartbeat = { pingIntervalMs: 300, pingTimeoutMs: 300 };
      const there = await two(heartbeat, { transports: [transport] });
      there.proxy.lose('everything');
      there.mina.send('one');
      await eventually(() => expect(there.chat.state.kind).toBe('reconnecting'));
      there.proxy.lose('nothing');
      there.proxy.cut();
      there.mina.send('two');
      await bothShow(there, 'one', 'two');
    },
  );

  it('[CLIENT-31] an unnamed guest is the same one after a reload, so that what was sent already is not doubled', async () => {
    const storage = new MemoryStorage();
    const server = await startServer({ redisUrl: redis.url, settings: { keyPrefix: uniquePrefix() } });
    const proxy = await startLossyProxy(server.port);
    const guest = () => {
      const chat = createChat({ url: proxy.url, transports: ['websocket'], storage });
      onCleanup(() => chat.close());
      return { chat, lobby: chat.room('lobby') };
    };
    const { lobby: jun } = open(server.url, { name: 'jun' });
    const before = guest();
    before.lobby.send('early');
    await eventually(() => expect(states(jun)).toEqual(committed('early')));
    proxy.lose('answers');
    before.lobby.send('one');
    before.lobby.send('two');
    await eventually(() => expect(states(jun)).toEqual(committed('early', 'one')));
    before.chat.close();
    proxy.cut();
    proxy.lose('nothing');
    const after = guest();
    expect(states(after.lobby)).toEqual(['one sending', 'two sending']);
    await bothShow({ mina: after.lobby, jun }, 'early', 'one', 'two');
    expect(after.chat.user).toEqual(before.chat.user);
    await eventually(() =>
      expect(storage.values()).toEqual([{ id: after.chat.user!.id, token: expect.any(String) as string }]),
    );
  });
});
