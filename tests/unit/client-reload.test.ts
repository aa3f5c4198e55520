import fc from 'fast-check';
import { createChat, type Chat, type ChatOptions, type ChatStorage, type Room } from '../../src/client';
import { GIVE_UP_AFTER_MS } from '../../src/client/unsent';
import { textOf } from '../../src/protocol/entries';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { forbidden, MemoryStorage } from '../support/memory-storage';
import { startStandIn, type StandIn } from './client-stand-in';

const NOWHERE = 'http://127.0.0.1:1';
const SIGNATURE = '.e30.x';

function open(storage: ChatStorage, options: ChatOptions = {}, room = 'lobby'): { chat: Chat; lobby: Room } {
  const who = options.token === undefined ? { name: 'mina' } : {};
  const chat = createChat({ url: NOWHERE, ...who, ...options, storage });
  onCleanup(() => chat.close());
  return { chat, lobby: chat.room(room) };
}

const states = (room: Room): string[] => room.timeline().map(({ text, state }) => `${text} ${state}`);
const shows = (room: Room, ...expected: string[]) => eventually(() => expect(states(room)).toEqual(expected));
const texts = (server: StandIn): string[] => server.log.map(textOf);
const saved = (change: object = {}) => ({
  ...{ room: 'lobby', user: 'guest:mina', id: 'one', text: 'one', at: Date.now() },
  ...change,
});

/** A storage of the page's fleet in which each of these lies as an unsent message. */
function holding(url: string, ...values: unknown[]): MemoryStorage {
  const idOf = (value: unknown): unknown => (value as { id?: unknown } | null)?.id;
  const keys = values.map((value, i) => {
    const id = idOf(value);
    return `chatfleet:${url}:unsent:${typeof id === 'string' ? id : i}`;
  });
  return new MemoryStorage(values.map((value, i) => [keys[i]!, JSON.stringify(value)]));
}

describe('client: reload', () => {
  it('[CLIENT-25] shows at once what was written before a reload, and sends it with its ids and in order', async () => {
    const server = await startStandIn();
    const storage = new MemoryStorage();
    // Nobody answers here, and the next page finds a server under the same address.
    const away = await startStandIn();
    const { chat, lobby } = open(storage, { url: away.url });
    away.next('sendMessage', () => undefined);
    const to = { from: 'guest:jun', id: '1' };
    const ids = ['one', 'two', 'three'].map((text) => lobby.send(text, to));
    await eventually(() => expect(away.asked('sendMessage')).toHaveLength(1));
    chat.close();
    const moved = new MemoryStorage(
      Array.from({ length: storage.length }, (_, i) => storage.key(i)!).map((key) => [
        key.replace(away.url, server.url),
        storage.getItem(key)!,
      ]),
    );
    const next = open(moved, { url: server.url });
    expect(states(next.lobby)).toEqual(['one sending', 'two sending', 'three sending']);
    expect(next.lobby.timeline().map(({ id, replyTo }) => [id, replyTo])).toEqual(ids.map((id) => [id, to]));
    await shows(next.lobby, 'one committed', 'two committed', 'three committed');
    expect(server.asked('sendMessage')).toEqual(
      ['one', 'two', 'three'].map((text, i) => ({ room: 'lobby', text, id: ids[i], replyTo: to })),
    );
    expect(moved.length).toBe(0);
  });

  it('[CLIENT-25] keeps what was written for the room and the user that it was written for', () => {
    const storage = new MemoryStorage();
    open(storage).lobby.send('of mina');
    const { chat } = open(storage.now(), { name: 'jun' });
    expect(states(chat.room('lobby'))).toEqual([]);
    const again = open(storage.now(), {}, 'tea').chat;
    expect(states(again.room('tea'))).toEqual([]);
    expect(states(again.room('lobby'))).toEqual(['of mina sending']);
  });

  it('[CLIENT-26] lets the ten minutes go on over a reload, and fails what is older, queued or not', () => {
    const long = { firstTriedAt: Date.now() - GIVE_UP_AFTER_MS };
    const lately = { firstTriedAt: Date.now() - GIVE_UP_AFTER_MS + 5_000, queued: true };
    const { lobby } = open(
      holding(
        NOWHERE,
        saved({ at: 1, id: '1', text: 'late', ...long }),
        saved({ at: 2, id: '2', text: 'late and queued', ...long, queued: true }),
        saved({ at: 3, id: '3', text: 'queued', ...lately }),
        saved({ at: 4, id: '4', text: 'never tried' }),
        saved({ at: 5, id: '5', text: 'no', error: { code: 'forbidden', message: '' } }),
      ),
    );
    const expected = ['late failed', 'late and queued failed', 'queued queued', 'never tried sending'];
    expect(states(lobby)).toEqual([...expected, 'no failed']);
    lobby.retry('1');
    lobby.discard('5');
    expect(states(lobby)).toEqual(['late sending', ...expected.slice(1)]);
  });

  it('[CLIENT-26] remembers what became of each: queued, failed, tried again, let go', async () => {
    const server = await startStandIn();
    const storage = new MemoryStorage();
    const { lobby } = open(storage, { url: server.url });
    const queue = ({ id, room }: { id: string; room: string }, ack: (answer: unknown) => void) =>
      ack({ ok: true, id, room, status: 'queued', at: 1 });
    const refuse = (_: unknown, ack: (answer: unknown) => void) =>
      ack({ ok: false, error: { code: 'id_conflict', message: 'no' } });
    server.next('sendMessage', queue, refuse, refuse);
    const ids = ['one', 'two', 'three'].map((text) => lobby.send(text));
    const kept = () => storage.values().map(({ text, queued, error }) => [text, queued ?? false, !!error]);
    await eventually(() =>
      expect(kept()).toEqual([
        ['one', true, false],
        ['two', false, true],
        ['three', false, true],
      ]),
    );
    lobby.discard(ids[1]!);
    server.next('sendMessage', () => undefined);
    lobby.retry(ids[2]!);
    expect(kept()).toEqual([
      ['one', true, false],
      ['three', false, false],
    ]);
  });

  it('[CLIENT-27] two pages of one user do not touch what the other has unsent', async () => {
    const server = await startStandIn();
    const storage = new MemoryStorage();
    const one = open(storage, { url: server.url });
    const two = open(storage, { url: server.url });
    one.lobby.send('first');
    two.lobby.send('second');
    one.lobby.send('third');
    one.chat.close();
    two.chat.close();
    expect(storage.values().map(({ text }) => text)).toEqual(['first', 'second', 'third']);
    const next = [open(storage, { url: server.url }), open(storage, { url: server.url })];
    for (const { lobby } of next)
      await eventually(() => expect(states(lobby).every((text) => text.endsWith('committed'))).toBe(true));
    expect([...texts(server)].sort()).toEqual(['first', 'second', 'third']);
    await eventually(() => expect(storage.length).toBe(0));
  });

  it('[CLIENT-27] is never sent as somebody else: who comes with another token may retry or let go', async () => {
    const server = await startStandIn();
    const url = server.url;
    const token = (sub: string) =>
      `e30.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}${SIGNATURE}`;
    const storage = new MemoryStorage();
    const first = open(storage, { token: token('민아') });
    first.lobby.send('of 민아');
    expect(storage.values()).toMatchObject([{ user: '민아' }]);
    const other = open(storage, { token: token('jun') });
    expect(states(other.lobby)).toEqual([]);
    const unknown = holding(url, saved({ user: '', text: 'whose?' }), saved({ id: 'two', user: 'jun' }));
    const { lobby } = open(unknown, { url });
    expect(states(lobby)).toEqual(['whose? failed']);
    await eventually(() => expect(lobby.state.kind).toBe('joined'));
    lobby.retry('one');
    await shows(lobby, 'whose? committed');
    expect(unknown.values()).toMatchObject([{ user: 'jun' }]);
  });

  it('[CLIENT-27] keeps what was written before the hello, and gives it to whom the hello names', async () => {
    const server = await startStandIn();
    const storage = new MemoryStorage();
    server.next('join', () => undefined);
    const { chat, lobby } = open(storage, { url: server.url, token: () => Promise.resolve('opaque') });
    lobby.send('early');
    expect(storage.values()).toMatchObject([{ user: '', text: 'early' }]);
    await eventually(() => expect(chat.user).toBeDefined());
    server.sockets()[0]!.conn.close();
    server.next('sendMessage', () => undefined);
    await eventually(() => expect(server.asked('sendMessage')).toHaveLength(1));
    expect(storage.values()).toMatchObject([{ user: chat.user!.id, text: 'early' }]);
  });

  it('[CLIENT-28] goes on without a storage that is blocked or full', async () => {
    const server = await startStandIn();
    const { lobby } = open(forbidden, { url: server.url });
    lobby.send('hello');
    await shows(lobby, 'hello committed');
  });

  it('[CLIENT-28] drops what is no message, whatever lies there', () => {
    const broken = [
      ...[null, 1, [], 'x', {}],
      ...[{ id: '' }, { id: 'ü' }, { id: 'x'.repeat(65) }, { text: 1 }, { text: 'x'.repeat(1e6) }].map(saved),
      ...[{ at: '1' }, { at: -1 }, { at: 1e300 }, { room: 7 }, { user: null }].map(saved),
    ];
    expect(states(open(holding(NOWHERE, ...broken)).lobby)).toEqual([]);
    const odd = saved({ replyTo: { from: 1 }, firstTriedAt: 'x', error: { code: 'constructor' }, queued: 1 });
    expect(states(open(holding(NOWHERE, odd)).lobby)).toEqual(['one sending']);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(saved())), fc.jsonValue()), (change) => {
        const { chat, lobby } = open(holding(NOWHERE, saved(change)));
        chat.close();
        expect(states(lobby).length).toBeLessThan(2);
      }),
      { numRuns: 200 },
    );
    const garbage = new MemoryStorage([[`chatfleet:${NOWHERE}:unsent:x`, '{']]);
    expect(states(open(garbage).lobby)).toEqual([]);
  });

  it('[CLIENT-28] never sends a text that no server takes, as its packet may end the connection', async () => {
    const server = await startStandIn();
    const text = 'x'.repeat(60_000);
    const { lobby } = open(holding(server.url, saved({ text })), { url: server.url });
    lobby.send('after');
    await eventually(() => expect(texts(server)).toEqual(['after']));
    // What is committed comes before what is not.
    const codes = () => lobby.timeline().map(({ error }) => error?.code);
    await eventually(() => expect(codes()).toEqual([undefined, 'too_large']));
    expect(server.asked('sendMessage')).toHaveLength(1);
  });
});
