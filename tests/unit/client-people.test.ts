import { createChat, type Chat, type ChatOptions, type Room } from '../../src/client';
import type { WireError } from '../../src/protocol/codes';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startStandIn, type StandIn } from './client-stand-in';

const limited: WireError = { code: 'rate_limited', message: 'slow down', retryAfterMs: 20 };
const forbidden: WireError = { code: 'forbidden', message: 'no' };
const jun = { id: 'guest:jun', name: 'jun' };
const hana = { id: 'guest:hana', name: 'hana' };

async function joined(server: StandIn, options: ChatOptions = { name: 'mina' }) {
  const chat: Chat = createChat({ url: server.url, ...options });
  onCleanup(() => chat.close());
  const lobby = chat.room('lobby');
  await eventually(() => expect(lobby.state.kind).toBe('joined'));
  return { chat, lobby };
}

/** A lobby with one message of one's own. */
async function withMessage() {
  const server = await startStandIn();
  const { lobby } = await joined(server);
  const id = lobby.send('one');
  await eventually(() => expect(lobby.timeline()[0]?.state).toBe('committed'));
  return { server, lobby, ref: { from: 'guest:mina', id } };
}

const emit = (server: StandIn, event: string, payload: unknown): void =>
  server.sockets().forEach((socket) => socket.emit(event, payload));
const unread = (chat: Chat) => Object.fromEntries(chat.rooms().map((row) => [row.room, row.unread]));
const names = (room: Room) => room.here().people.map(({ name }) => name);

describe('client: actions', () => {
  it('[CLIENT-15] edits, reacts and deletes', async () => {
    const { lobby, ref } = await withMessage();
    expect(await lobby.edit(ref, 'two')).toBeUndefined();
    expect(await lobby.react(ref, '👍', true)).toBeUndefined();
    const shown = { text: 'two', edited: 2, reactions: { '👍': ['guest:mina'] } };
    await eventually(() => expect(lobby.timeline()).toMatchObject([shown]));
    expect(await lobby.remove(ref)).toBeUndefined();
    await eventually(() => expect(lobby.timeline()).toMatchObject([{ text: '', deleted: true }]));
    expect(lobby.timeline()[0]).not.toHaveProperty('reactions');
  });

  it('[CLIENT-15] repeats an action with its id after a temporary refusal and a lost connection, before the next one', async () => {
    const { server, lobby, ref } = await withMessage();
    server.next(
      'react',
      (_, ack) => ack({ ok: false, error: limited }),
      (_, _ack, socket) => void socket.conn.close(),
    );
    const outcomes = await Promise.all([lobby.react(ref, '👍', true), lobby.react(ref, '👍', false)]);
    expect(outcomes).toEqual([undefined, undefined]);
    const asked = server.asked('react') as { id: string; on: boolean }[];
    expect(asked.map(({ on }) => on)).toEqual([true, true, true, false]);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(2);
  });

  it('[CLIENT-15] tells why an action is refused, and goes on', async () => {
    const { server, lobby, ref } = await withMessage();
    server.next('editMessage', (_, ack) => ack({ ok: false, error: forbidden }));
    expect(await lobby.edit(ref, 'two')).toEqual(forbidden);
    expect(await lobby.edit(ref, 'three')).toBeUndefined();
  });

  it('[CLIENT-19] replies to a message, and finds a direct room', async () => {
    const { server, lobby, ref } = await withMessage();
    lobby.send('answer', ref);
    expect(lobby.timeline()[1]).toMatchObject({ state: 'sending', replyTo: ref });
    await eventually(() => expect(lobby.timeline()[1]).toMatchObject({ state: 'committed', replyTo: ref }));
    const { chat } = await joined(server, { name: 'theo' });
    expect(await chat.openDirect('guest:jun')).toMatchObject({ room: 'dm:guest:jun' });
  });
});

describe('client: typing and people', () => {
  it('[CLIENT-16] says that one types once, and that one stopped when it is sent', async () => {
    const server = await startStandIn();
    const { lobby } = await joined(server);
    lobby.typing(false);
    for (let i = 0; i < 5; i++) lobby.typing(true);
    lobby.send('done');
    await eventually(() => expect(lobby.timeline()[0]?.state).toBe('committed'));
    lobby.typing(false);
    const said = [true, false].map((active) => ({ room: 'lobby', active }));
    expect(server.asked('typing')).toEqual(said);
  });

  it('[CLIENT-16] says it again after 3 s, and forgets others after 6 s', async () => {
    const server = await startStandIn();
    const { lobby } = await joined(server);
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    onCleanup(() => void jest.useRealTimers());
    lobby.typing(true);
    jest.advanceTimersByTime(2_900);
    lobby.typing(true);
    jest.advanceTimersByTime(200);
    lobby.typing(true);
    jest.useRealTimers();
    await eventually(() => expect(server.asked('typing')).toHaveLength(2));
  });

  it.concurrent('[CLIENT-16] shows who else is typing until he stops, sends or is silent', async () => {
    const server = await startStandIn();
    const { lobby } = await joined(server);
    const types = (user: typeof jun, active = true): void =>
      emit(server, 'typing', { room: 'lobby', user, active });
    const typists = (...expected: string[]) =>
      eventually(() => expect(lobby.typists().map(({ name }) => name)).toEqual(expected));
    types({ id: 'guest:mina', name: 'mina' });
    types(jun);
    types(hana);
    await typists('jun', 'hana');
    expect(lobby.typists()).toBe(lobby.typists());
    types(hana, false);
    await typists('jun');
    server.say('hello');
    await typists();
    types(hana);
    await typists('hana');
    await eventually(() => expect(lobby.typists()).toEqual([]), 7_000);
  });

  it('[CLIENT-17] knows who is here from the first question on, and keeps up', async () => {
    const server = await startStandIn();
    server.people.push(jun);
    const { lobby } = await joined(server);
    emit(server, 'presence', { room: 'lobby', count: 1 });
    expect(server.asked('members')).toEqual([]);
    lobby.watchHere();
    await eventually(() => expect(names(lobby)).toEqual(['jun']));
    server.people.push(hana);
    emit(server, 'presence', { room: 'lobby', count: 2, joined: [hana] });
    await eventually(() => expect(names(lobby)).toEqual(['hana', 'jun']));
    emit(server, 'presence', { room: 'lobby', count: 1, left: [jun] });
    await eventually(() => expect(lobby.here()).toEqual({ count: 1, people: [hana], partial: false }));
    expect(lobby.here()).toBe(lobby.here());
    expect(await lobby.members()).toMatchObject({ count: 2, members: [jun, hana] });
  });

  it('[CLIENT-17] asks no more when nobody wants to know any longer', async () => {
    const server = await startStandIn();
    const { lobby } = await joined(server);
    const asked = () => server.asked('members').length;
    const [first, second] = [lobby.watchHere(), lobby.watchHere()];
    await eventually(() => expect(asked()).toBe(1));
    first();
    first();
    server.sockets()[0]!.conn.close();
    await eventually(() => expect(asked()).toBe(2));
    second();
    server.sockets()[0]!.conn.close();
    await eventually(() => expect([server.auths.length, lobby.state.kind]).toEqual([3, 'joined']));
    expect(asked()).toBe(2);
    lobby.watchHere();
    await eventually(() => expect(asked()).toBe(3));
  });

  it.concurrent('[CLIENT-17] looks again when the number and the names do not agree', async () => {
    const server = await startStandIn();
    const { lobby } = await joined(server);
    lobby.watchHere();
    await eventually(() => expect(lobby.here().count).toBe(0));
    server.people.push(jun);
    emit(server, 'presence', { room: 'lobby', count: 1 });
    await eventually(() => expect(names(lobby)).toEqual(['jun']), 8_000);
  });
});

describe('client: rooms and reading', () => {
  it('[CLIENT-18] lists the rooms of the user, and keeps up with those that are not joined', async () => {
    const server = await startStandIn();
    const team = { room: 'team', head: 9, n: 8, read: 5 };
    server.rows.push(team, { room: 'lobby', head: 0, n: 0, read: 0 });
    const { chat } = await joined(server);
    await eventually(() => expect(unread(chat)).toEqual({ lobby: 0, team: 3 }));
    const before = chat.rooms();
    // What it tells is true also of the list, which a client may ask for again at any time.
    Object.assign(team, { head: 11, n: 10 });
    server.rows.push({ room: 'new', head: 2, n: 2, read: 0 });
    emit(server, 'activity', { room: 'team', head: 11, n: 10 });
    emit(server, 'activity', { room: 'new', head: 2, n: 2 });
    await eventually(() => expect(unread(chat)).toEqual({ lobby: 0, team: 5, new: 2 }));
    expect(chat.rooms().find(({ room }) => room === 'lobby')).toBe(
      before.find(({ room }) => room === 'lobby'),
    );
    team.read = 9;
    emit(server, 'read', { room: 'team', epoch: 'e', seq: 10, unread: 1 });
    await eventually(() => expect(unread(chat)).toEqual({ lobby: 0, team: 1, new: 2 }));
  });

  it('[CLIENT-18] counts what comes in a joined room until it is read, and tells servers in one go', async () => {
    const server = await startStandIn();
    server.rows.push({ room: 'lobby', head: 0, n: 0, read: 0 });
    const { chat, lobby } = await joined(server);
    await eventually(() => expect(server.asked('rooms')).not.toEqual([]));
    ['1', '2', '3'].forEach((text) => server.say(text));
    await eventually(() => expect(lobby.unread).toBe(3));
    lobby.markRead(1);
    lobby.markRead(2);
    expect(lobby.unread).toBe(1);
    await eventually(() => expect(server.asked('markRead')).toEqual([{ room: 'lobby', epoch: 'e', seq: 2 }]));
    emit(server, 'read', { room: 'lobby', epoch: 'e', seq: 3, unread: 0 });
    await eventually(() => expect(unread(chat)).toEqual({ lobby: 0 }));
    lobby.leave();
    expect(unread(chat)).toEqual({});
  });

  it('[CLIENT-23] counts what a gap left out, and nothing of a log that began anew without it', async () => {
    const server = await startStandIn();
    server.rows.push({ room: 'lobby', head: 0, n: 0, read: 0 });
    const { lobby } = await joined(server);
    const counts = (expected: number) => eventually(() => expect(lobby.unread).toBe(expected));
    ['1', '2'].forEach((text) => server.say(text));
    await counts(2);
    for (const seq of [3, 4, 5]) server.log.push({ ...server.log[0]!, id: `${seq}`, seq, n: seq });
    emit(server, 'gap', { room: 'lobby', epoch: 'e', upTo: 5 });
    await counts(5);
    lobby.markRead(5);
    expect(lobby.unread).toBe(0);
    emit(server, 'gap', { room: 'lobby', epoch: 'f', upTo: 0 });
    emit(server, 'messages', [{ ...server.log[0]!, epoch: 'f' }]);
    await counts(1);
    emit(server, 'gap', { room: 'lobby', epoch: 'g', upTo: 0 });
    await counts(0);
  });

  it('[CLIENT-23] has read what it has read, whatever is said of it later', async () => {
    const server = await startStandIn();
    server.rows.push({ room: 'lobby', head: 0, n: 0, read: 0 });
    const { chat, lobby } = await joined(server);
    ['1', '2', '3', '4'].forEach((text) => server.say(text));
    await eventually(() => expect(lobby.unread).toBe(4));
    lobby.markRead(3);
    lobby.markRead(1);
    expect(lobby.unread).toBe(1);
    const seen: number[] = [];
    chat.onChange(() => seen.push(lobby.unread));
    emit(server, 'read', { room: 'lobby', epoch: 'e', seq: 2, unread: 2 });
    emit(server, 'read', { room: 'lobby', epoch: 'old', seq: 4, unread: 0 });
    server.say('5');
    await eventually(() => expect(seen).toEqual([2]));
  });

  it('[CLIENT-18] learns how far a room is read that is joined later', async () => {
    const server = await startStandIn();
    const chat: Chat = createChat({ url: server.url, name: 'mina' });
    onCleanup(() => chat.close());
    await eventually(() => expect(server.asked('rooms')).toHaveLength(1));
    server.say('1');
    server.rows.push({ room: 'lobby', head: 1, n: 1, read: 0 });
    const lobby = chat.room('lobby');
    await eventually(() => expect(lobby.unread).toBe(1));
    expect(server.asked('rooms')).toHaveLength(2);
  });

  it('[CLIENT-18] has read what was marked before anybody said how far the room is read', async () => {
    const server = await startStandIn();
    let answer = (): void => undefined;
    server.next('rooms', (_, ack) => {
      answer = () => ack({ ok: true, rooms: [{ room: 'lobby', head: 1, n: 1, read: 0 }] });
    });
    const { chat, lobby } = await joined(server);
    server.say('1');
    await eventually(() => expect(lobby.timeline()).toHaveLength(1));
    lobby.markRead(1);
    answer();
    await eventually(() => expect(unread(chat)).toEqual({ lobby: 0 }));
    await eventually(() => expect(server.asked('markRead')).toEqual([{ room: 'lobby', epoch: 'e', seq: 1 }]));
    expect([lobby.read, lobby.unread]).toEqual([1, 0]);
  });

  it('[CLIENT-18] tells it again when the connection was lost meanwhile', async () => {
    const server = await startStandIn();
    server.rows.push({ room: 'lobby', head: 0, n: 0, read: 0 });
    const { lobby } = await joined(server);
    server.say('1');
    await eventually(() => expect(lobby.unread).toBe(1));
    server.next('markRead', (_, _ack, socket) => void socket.conn.close());
    lobby.markRead(1);
    await eventually(() => expect(server.asked('markRead')).toHaveLength(2));
    expect(lobby.unread).toBe(0);
  });
});
