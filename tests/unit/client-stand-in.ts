import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import type { WireError } from '../../src/protocol/codes';
import type { PageMessage } from '../../src/protocol/entries';
import { onCleanup } from '../support/cleanup';

type Ack = (answer: unknown) => void;
type Handler = (
  payload: { room: string; text: string; id: string; before?: number },
  ack: Ack,
  socket: Socket,
) => void;

/** One server with one log, that does what the contract says unless a test tells it otherwise. */
export interface StandIn {
  url: string;
  log: PageMessage[];
  /** `auth` of each handshake so far. */
  auths: Record<string, unknown>[];
  /** Every request so far, as `event text-or-room`. */
  requests: string[];
  sockets(): Socket[];
  /** Answers the next requests of this kind instead of the server, in turn; `true` hands one on to it. */
  next(event: string, ...handlers: (Handler | true)[]): void;
  /** Refuses the next handshakes. */
  refuse(error: WireError, times?: number): void;
  /** Appends a message of somebody else. */
  say(text: string): void;
}

const JOIN_PAGE = 3;

export async function startStandIn(): Promise<StandIn> {
  const http = createServer();
  const io = new Server(http, { pingInterval: 1_000, pingTimeout: 1_000 });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  onCleanup(() => io.close());

  const log: PageMessage[] = [];
  const auths: Record<string, unknown>[] = [];
  const requests: string[] = [];
  const planned = new Map<string, (Handler | true)[]>();
  const refusals: WireError[] = [];

  const append = (name: string, id: string, text: string): PageMessage => {
    const known = log.find((entry) => entry.id === id && entry.from.name === name);
    if (known) return known;
    const seq = log.length + 1;
    const from = { id: `guest:${name}`, name };
    const entry: PageMessage = {
      room: 'lobby',
      epoch: 'e',
      seq,
      n: seq,
      id,
      kind: 'message',
      from,
      at: seq,
      text,
    };
    log.push(entry);
    io.to('lobby').emit('messages', [entry]);
    return entry;
  };
  const handlers: Record<string, Handler> = {
    sendMessage: ({ room, text, id }, ack, socket) => {
      const { seq, at } = append(nameOf(socket), id, text);
      ack({ ok: true, id, room, status: 'committed', epoch: 'e', seq, at });
    },
    join: ({ room }, ack, socket) => {
      void socket.join('lobby');
      const head = log.length;
      const complete = head <= JOIN_PAGE;
      ack({
        ok: true,
        room,
        epoch: 'e',
        first: 1,
        head,
        upTo: head,
        messages: log.slice(-JOIN_PAGE),
        complete,
        reason: 'fresh',
      });
    },
    history: ({ room, before = log.length + 1 }, ack) => {
      const messages = log.slice(Math.max(0, before - 1 - JOIN_PAGE), before - 1);
      ack({
        ok: true,
        room,
        epoch: 'e',
        first: 1,
        head: log.length,
        messages,
        complete: before - 1 <= JOIN_PAGE,
      });
    },
    detach: ({ room }, ack, socket) => {
      void socket.leave(room);
      ack({ ok: true, room });
    },
  };

  io.use((socket, next) => {
    auths.push(socket.handshake.auth);
    const data = refusals.shift();
    next(data && Object.assign(new Error(data.message), { data }));
  });
  io.on('connection', (socket) => {
    for (const [event, handler] of Object.entries(handlers)) {
      socket.on(event, (payload: Parameters<Handler>[0], ack: Ack) => {
        requests.push(`${event} ${payload.text ?? payload.room}`);
        const plan = planned.get(event)?.shift() ?? true;
        (plan === true ? handler : plan)(payload, ack, socket);
      });
    }
    const since = (socket.handshake.auth.rooms as Record<string, { seq: number }> | undefined)?.lobby;
    void socket.join('lobby');
    const upTo = since?.seq ?? log.length;
    const name = nameOf(socket);
    const row = {
      room: 'lobby',
      epoch: 'e',
      head: log.length,
      n: log.length,
      upTo,
      reason: since ? 'none' : 'fresh',
    };
    const user = { id: `guest:${name}`, name };
    const token = socket.handshake.auth.name === undefined ? { token: 't1' } : {};
    socket.emit('hello', { version: 1, server: 'chat-1', user, ...token, rooms: [row] });
    if (log.length > upTo) socket.emit('messages', log.slice(upTo));
  });

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    log,
    auths,
    requests,
    sockets: () => [...io.of('/').sockets.values()],
    next: (event, ...plan) => planned.set(event, plan),
    refuse: (error, times = 1) => refusals.push(...Array.from({ length: times }, () => error)),
    say: (text) => void append('jun', text, text),
  };
}

const nameOf = (socket: Socket): string => (socket.handshake.auth.name as string | undefined) ?? 'unnamed';
