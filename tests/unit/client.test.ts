import { createChat, type Chat, type ChatOptions, type Room } from '../../src/client';
import type { WireError } from '../../src/protocol/codes';
import { textOf, type Entry } from '../../src/protocol/entries';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startStandIn, type StandIn } from './client-stand-in';

const limited: WireError = { code: 'rate_limited', message: 'slow down', retryAfterMs: 20 };
const forbidden: WireError = { code: 'forbidden', message: 'no' };

function connect(server: StandIn, options: ChatOptions = { name: 'mina' }): Chat {
  const chat = createChat({ url: server.url, ...options });
  onCleanup(() => chat.close());
  return chat;
}

const states = (room: Room): string[] => room.timeline().map(({ text, state }) => `${text} ${state}`);
const sends = (server: StandIn): string[] =>
  server.requests.filter((request) => request.startsWith('sendMessage'));
const online = (chat: Chat) =>
  eventually(() => expect(chat.state).toEqual({ kind: 'online', server: 'chat-1' }));
const shows = (room: Room, ...expected: string[]) => eventually(() => expect(states(room)).toEqual(expected));
const committed = (...texts: string[]): string[] => texts.map((text) => `${text} committed`);

describe('client: connection', () => {
  it('[CLIENT-10] resumes its rooms by auth.rooms, and misses nothing said meanwhile', async () => {
    const server = await startStandIn();
    server.say('one');
    const chat = connect(server);
    const lobby = chat.room('lobby');
    await shows(lobby, ...committed('one'));
    server.sockets()[0]!.conn.close();
    server.say('two');
    await shows(lobby, ...committed('one', 'two'));
    expect(server.auths).toEqual([
      { name: 'mina', rooms: {} },
      { name: 'mina', rooms: { lobby: { epoch: 'e', seq: 1 } } },
    ]);
    expect(server.requests).toEqual(['join lobby']);
  });

  it('[CLIENT-11] comes back after a disconnect by the server', async () => {
    const server = await startStandIn();
    const chat = connect(server);
    await online(chat);
    server.sockets()[0]!.disconnect();
    await eventually(() => expect(chat.state.kind).toBe('reconnecting'));
    await online(chat);
  });

  it('[CLIENT-11] stays away when it was kicked, and says why', async () => {
    const server = await startStandIn();
    const chat = connect(server);
    await online(chat);
    server.sockets()[0]!.emit('bye', { code: 'kicked', message: 'out' });
    server.sockets()[0]!.conn.close();
    const error = { code: 'kicked', message: 'out' };
    await eventually(() => expect(chat.state).toEqual({ kind: 'refused', error }));
  });

  it('[CLIENT-11] comes back when it was closed for being too slow', async () => {
    const server = await startStandIn();
    const chat = connect(server);
    await online(chat);
    server.sockets()[0]!.emit('bye', { code: 'too_slow', message: '' });
    server.sockets()[0]!.disconnect();
    await eventually(() => expect(server.auths).toHaveLength(2));
    await online(chat);
  });

  it('[CLIENT-11] is refused by a final code until it is told to connect again', async () => {
    const server = await startStandIn();
    server.refuse(forbidden);
    const chat = connect(server);
    await eventually(() => expect(chat.state).toEqual({ kind: 'refused', error: forbidden }));
    chat.connect();
    await online(chat);
    expect(server.auths).toHaveLength(2);
  });

  it('[CLIENT-11] tries again by itself after a temporary refusal', async () => {
    const server = await startStandIn();
    server.refuse(limited);
    await online(connect(server));
  });

  it('[CLIENT-12] shows the token it was given next time, and is somebody new when servers know it no more', async () => {
    const server = await startStandIn();
    const chat = connect(server, {});
    await online(chat);
    server.refuse({ code: 'auth_invalid', message: '' });
    server.sockets()[0]!.disconnect();
    await eventually(() =>
      expect(server.auths.map(({ token }) => token)).toEqual([undefined, 't1', undefined]),
    );
    await online(chat);
  });

  it('[CLIENT-13] detaches the lobby when nobody asked for it', async () => {
    const server = await startStandIn();
    await online(connect(server));
    await eventually(() => expect(server.requests).toEqual(['detach lobby']));
  });

  it('[CLIENT-13] ends with close', async () => {
    const server = await startStandIn();
    const chat = connect(server);
    await online(chat);
    chat.close();
    expect(chat.state).toEqual({ kind: 'closed' });
    await eventually(() => expect(server.sockets().length).toBe(0));
  });
});

describe('client: room', () => {
  it('[CLIENT-13] has one room for all spellings of a name, and refuses what cannot be one', async () => {
    const chat = connect(await startStandIn());
    expect(chat.room('카페'.normalize('NFD'))).toBe(chat.room('카페'));
    expect(() => chat.room('no blanks')).toThrow('room');
  });

  it('[CLIENT-6] reads older pages until all is there', async () => {
    const server = await startStandIn();
    const texts = ['1', '2', '3', '4', '5', '6', '7'];
    texts.forEach((text) => server.say(text));
    const lobby = connect(server).room('lobby');
    await shows(lobby, ...committed('5', '6', '7'));
    expect(await lobby.older()).toBeUndefined();
    expect(states(lobby)).toEqual(committed('2', '3', '4', '5', '6', '7'));
    await Promise.all([lobby.older(), lobby.older()]);
    expect(states(lobby)).toEqual(committed(...texts));
    expect(lobby.complete).toBe(true);
  });

  it('[CLIENT-4] drops what it held at a gap, and reads it back by history', async () => {
    const server = await startStandIn();
    ['1', '2', '3', '4'].forEach((text) => server.say(text));
    const lobby = connect(server).room('lobby');
    await shows(lobby, ...committed('2', '3', '4'));
    await lobby.older();
    server.sockets()[0]!.emit('gap', { room: 'lobby', epoch: 'e', upTo: 4 });
    server.say('5');
    await shows(lobby, ...committed('2', '3', '4', '5'));
  });

  it('[CLIENT-4] joins again when the run has a hole', async () => {
    const server = await startStandIn();
    const lobby = connect(server).room('lobby');
    server.say('1');
    await shows(lobby, ...committed('1'));
    server.log.push({ ...server.log[0]!, seq: 2, id: '2', text: '2' } as Entry);
    server.say('3');
    await shows(lobby, ...committed('1', '2', '3'));
  });

  it('[CLIENT-4] does not mistake entries that follow a join answer in the same packet for a hole', async () => {
    const server = await startStandIn();
    server.next('join', (_, ack, socket) => {
      void socket.join('lobby');
      ack({
        ok: true,
        room: 'lobby',
        epoch: 'e',
        first: 1,
        head: 0,
        upTo: 0,
        messages: [],
        complete: true,
        reason: 'fresh',
      });
      for (const text of ['1', '2', '3']) server.say(text);
    });
    const lobby = connect(server).room('lobby');
    await shows(lobby, ...committed('1', '2', '3'));
    expect(server.requests).toEqual(['join lobby']);
  });

  it('[CLIENT-13] is refused with what was written into it, and asks again on the next connection', async () => {
    const server = await startStandIn();
    server.next('join', (_, ack) => ack({ ok: false, error: forbidden }));
    const lobby = connect(server).room('lobby');
    const id = lobby.send('hello');
    await eventually(() => expect(lobby.state).toEqual({ kind: 'refused', error: forbidden }));
    lobby.send('again');
    expect(states(lobby)).toEqual(['hello failed', 'again failed']);
    lobby.discard(id);
    server.sockets()[0]!.conn.close();
    await eventually(() => expect(lobby.state.kind).toBe('joined'));
    lobby.retry(lobby.timeline()[0]!.id);
    await shows(lobby, 'again committed');
  });
});

describe('client: sending', () => {
  async function joinedLobby() {
    const server = await startStandIn();
    const lobby = connect(server).room('lobby');
    await eventually(() => expect(lobby.state.kind).toBe('joined'));
    return { server, lobby };
  }

  it('[CLIENT-7] shows what is sent at once, one after the other, and once when it is committed', async () => {
    const { server, lobby } = await joinedLobby();
    const seen: string[][] = [];
    lobby.onChange(() => seen.push(states(lobby)));
    lobby.send('one');
    lobby.send('two');
    expect(states(lobby)).toEqual(['one sending', 'two sending']);
    await shows(lobby, ...committed('one', 'two'));
    expect(seen.every((list) => list.length <= 2)).toBe(true);
    expect(lobby.timeline().map(({ key }) => key)).toHaveLength(
      new Set(lobby.timeline().map(({ key }) => key)).size,
    );
    expect(sends(server)).toEqual(['sendMessage one', 'sendMessage two']);
  });

  it('[CLIENT-8] retries temporary refusals with the same id, and later ones do not overtake', async () => {
    const { server, lobby } = await joinedLobby();
    const refuse = (_: unknown, ack: (answer: unknown) => void): void => ack({ ok: false, error: limited });
    server.next('sendMessage', refuse, refuse);
    lobby.send('one');
    lobby.send('two');
    await shows(lobby, ...committed('one', 'two'));
    expect(sends(server)).toEqual(['one', 'one', 'one', 'two'].map((text) => `sendMessage ${text}`));
    expect(server.log).toHaveLength(2);
  });

  it('[CLIENT-8] doubles nothing when the answer is lost with the connection', async () => {
    const { server, lobby } = await joinedLobby();
    server.next('sendMessage', ({ id }, _ack, socket) => {
      void socket.leave('lobby');
      server.log.push({
        room: 'lobby',
        epoch: 'e',
        seq: 1,
        n: 1,
        id,
        kind: 'message',
        from: { id: 'guest:mina', name: 'mina' },
        at: 1,
        text: 'one',
      });
      socket.conn.close();
    });
    lobby.send('one');
    lobby.send('two');
    await shows(lobby, ...committed('one', 'two'));
    expect(server.log.map(textOf)).toEqual(['one', 'two']);
  });

  it('[CLIENT-8] asks again when no answer comes in time', async () => {
    const { server, lobby } = await joinedLobby();
    server.next('sendMessage', () => undefined);
    lobby.send('one');
    await shows(lobby, ...committed('one'));
    expect(sends(server)).toHaveLength(2);
  });

  it('[CLIENT-9] fails what is finally refused, goes on with the rest, and sends it again when asked', async () => {
    const { server, lobby } = await joinedLobby();
    server.next('sendMessage', (_, ack) => ack({ ok: false, error: forbidden }));
    const id = lobby.send('one');
    lobby.send('two');
    await shows(lobby, 'two committed', 'one failed');
    expect(lobby.timeline()[1]!.error).toEqual(forbidden);
    lobby.retry(id);
    await shows(lobby, 'two committed', 'one committed');
  });

  it('[CLIENT-7] keeps what was written before the first connection', async () => {
    const server = await startStandIn();
    const lobby = connect(server).room('lobby');
    lobby.send('early');
    expect(states(lobby)).toEqual(['early sending']);
    await shows(lobby, 'early committed');
  });

  it('[CLIENT-2] shows a queued message as such until the log has it', async () => {
    const { server, lobby } = await joinedLobby();
    server.next('sendMessage', ({ id, room }, ack, socket) => {
      socket.emit('messages', [
        {
          room,
          id,
          kind: 'message',
          from: { id: 'guest:mina', name: 'mina' },
          at: 1,
          text: 'one',
          pending: true,
        },
      ]);
      ack({ ok: true, id, room, status: 'queued', at: 1 });
    });
    const id = lobby.send('one');
    await shows(lobby, 'one queued');
    server.sockets()[0]!.emit('messages', [
      {
        ...server.log[0],
        room: 'lobby',
        epoch: 'e',
        seq: 1,
        n: 1,
        id,
        kind: 'message',
        from: { id: 'guest:mina', name: 'mina' },
        at: 1,
        text: 'one',
      },
    ]);
    await shows(lobby, 'one committed');
    expect(sends(server)).toHaveLength(1);
  });
});
