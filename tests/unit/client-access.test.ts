import { createChat, type ChatOptions } from '../../src/client';
import type { WireError } from '../../src/protocol/codes';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startStandIn, type StandIn } from './client-stand-in';

const forbidden: WireError = { code: 'forbidden', message: 'no' };
const notMember: WireError = { code: 'not_a_member', message: 'join first' };

function enter(server: StandIn, options: ChatOptions = { name: 'mina' }) {
  const chat = createChat({ url: server.url, ...options });
  onCleanup(() => chat.close());
  return chat.room('lobby');
}

const is = (room: ReturnType<typeof enter>, kind: string) =>
  eventually(() => expect(room.state.kind).toBe(kind));
const refuse =
  (error: WireError) =>
  (_: unknown, ack: (answer: unknown) => void): void =>
    ack({ ok: false, error });

describe('client: rooms that open and shut', () => {
  it('[CLIENT-24] asks again with a new token, which may take a room away and give it back', async () => {
    const server = await startStandIn();
    const lobby = enter(server, { token: () => 't' });
    await is(lobby, 'joined');
    const refresh = (): void => void server.sockets()[0]!.emit('expiring', { expiresAt: 1 });
    server.next('join', refuse(forbidden));
    refresh();
    await is(lobby, 'refused');
    expect(server.asked('join').at(-1)).toEqual({ room: 'lobby', since: { epoch: 'e', seq: 0 } });
    refresh();
    await is(lobby, 'joined');
  });

  it.each([notMember, forbidden])('[CLIENT-24] asks again when a send is $code', async (error) => {
    const server = await startStandIn();
    const lobby = enter(server);
    await is(lobby, 'joined');
    server.next('sendMessage', refuse(error));
    server.next('join', refuse(forbidden));
    lobby.send('one');
    lobby.send('two');
    await is(lobby, 'refused');
    expect(lobby.timeline().filter(({ state }) => state === 'sending')).toEqual([]);
  });

  it('[CLIENT-15] refuses actions in a closed room at once', async () => {
    const server = await startStandIn();
    server.next('join', refuse(forbidden));
    const lobby = enter(server);
    await is(lobby, 'refused');
    const ref = { from: 'guest:mina', id: '1' };
    const actions = [lobby.edit(ref, 'x'), lobby.remove(ref), lobby.react(ref, '👍', true)];
    expect(await Promise.all(actions)).toEqual([forbidden, forbidden, forbidden]);
  });
});
