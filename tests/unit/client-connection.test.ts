import { createChat, type Chat, type ChatOptions } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startStandIn, type StandIn } from './client-stand-in';

function connect(server: StandIn, options: ChatOptions): Chat {
  const chat = createChat({ url: server.url, ...options });
  onCleanup(() => chat.close());
  return chat;
}

const online = (chat: Chat) => eventually(() => expect(chat.state.kind).toBe('online'));
const tokens = (server: StandIn) => server.auths.map(({ token }) => token);

/** Ends the connection as a server does that means it. */
function bye(server: StandIn, code: string): void {
  const [socket] = server.sockets();
  socket!.emit('bye', { code, message: '' });
  socket!.conn.close();
}

/** Tokens t1, t2 ... */
function issuer() {
  let count = 0;
  return () => Promise.resolve(`t${++count}`);
}

describe('client: tokens', () => {
  it('[CLIENT-20] asks for a token at each connection, also after one expired', async () => {
    const server = await startStandIn();
    const chat = connect(server, { token: issuer() });
    await online(chat);
    bye(server, 'auth_expired');
    await eventually(() => expect(tokens(server)).toEqual(['t1', 't2']));
    server.refuse({ code: 'auth_expired', message: '' });
    server.sockets()[0]!.conn.close();
    await eventually(() => expect(tokens(server)).toEqual(['t1', 't2', 't3', 't4']));
    await online(chat);
  });

  it('[CLIENT-20] presents a new one before the old one expires', async () => {
    const server = await startStandIn();
    await online(connect(server, { token: issuer() }));
    server.sockets()[0]!.emit('expiring', { expiresAt: 1 });
    await eventually(() => expect(server.asked('refreshToken')).toEqual([{ token: 't2' }]));
    expect(server.auths).toHaveLength(1);
  });

  it('[CLIENT-20] asks again when a token cannot be had', async () => {
    const server = await startStandIn();
    const next = issuer();
    let failures = 2;
    const token = () => (failures-- > 0 ? Promise.reject(new Error('no network')) : next());
    await online(connect(server, { token }));
    expect(tokens(server)).toEqual(['t1']);
  });

  it('[CLIENT-20] is refused for good without a function, and by a kick with one', async () => {
    const server = await startStandIn();
    const fixed = connect(server, { token: 'fixed' });
    await online(fixed);
    bye(server, 'auth_expired');
    const refused = (chat: Chat, code: string) =>
      eventually(() => expect(chat.state).toMatchObject({ kind: 'refused', error: { code } }));
    await refused(fixed, 'auth_expired');
    const chat = connect(server, { token: issuer() });
    await online(chat);
    bye(server, 'kicked');
    await refused(chat, 'kicked');
  });
});

describe('client: moving', () => {
  it('[CLIENT-21] moves within the time to the server that was named, and keeps its place', async () => {
    const server = await startStandIn();
    const chat = connect(server, { name: 'mina' });
    const lobby = chat.room('lobby');
    server.say('one');
    await eventually(() => expect(lobby.timeline()).toHaveLength(1));
    const [socket] = server.sockets();
    const toldAt = Date.now();
    socket!.emit('move', { withinMs: 400, reason: 'drain', server: 'chat-2' });
    await eventually(() => expect(server.auths).toHaveLength(2));
    expect(Date.now() - toldAt).toBeLessThan(1_000);
    server.say('two');
    lobby.send('three');
    await eventually(() => expect(lobby.timeline().map(({ text }) => text)).toEqual(['one', 'two', 'three']));
    const [moved] = server.sockets();
    expect(moved!.id).not.toBe(socket!.id);
    expect(moved!.handshake.query.server).toBe('chat-2');
    moved!.conn.close();
    await eventually(() => expect(server.auths).toHaveLength(3));
    await online(chat);
    expect(server.sockets()[0]!.handshake.query.server).toBeUndefined();
    expect(server.auths[1]!.rooms).toEqual({ lobby: { epoch: 'e', seq: 1 } });
  });
});

describe('client: transports', () => {
  /** How many sessions were refused, by WebSocket or polling alone. */
  async function picky(transport: 'polling' | 'websocket') {
    const server = await startStandIn({ transports: [transport] });
    return { server, first: () => server.sockets()[0]!.handshake.query.transport };
  }

  it('[CLIENT-22] connects to a server that takes WebSocket alone, and comes back without a wasted request', async () => {
    const { server, first } = await picky('websocket');
    const chat = connect(server, { name: 'mina' });
    await online(chat);
    expect(server.refusals).toBe(1);
    expect(first()).toBe('websocket');
    server.sockets()[0]!.conn.close();
    await eventually(() => expect(server.auths).toHaveLength(2));
    await online(chat);
    expect(server.refusals).toBe(1);
  });

  it('[CLIENT-22] uses the transports it is told, in this order', async () => {
    const { server, first } = await picky('polling');
    await online(connect(server, { name: 'mina', transports: ['websocket', 'polling'] }));
    expect(first()).toBe('polling');
    const both = await startStandIn();
    await online(connect(both, { name: 'mina', transports: ['websocket'] }));
    expect(both.sockets()[0]!.handshake.query.transport).toBe('websocket');
  });
});
