import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type ServerOptions, type Socket } from 'socket.io';
import type { WireError } from '../../src/protocol/codes';
import type { Entry, EntryBody, PageMessage, User } from '../../src/protocol/entries';
import type { RoomRow } from '../../src/protocol/events';
import { messageOf, present } from '../../src/protocol/present';
import { onCleanup } from '../support/cleanup';

type Ack = (answer: unknown) => void;
interface Payload {
  room: string;
  text: string;
  id: string;
  before?: number;
  target: { from: string; id: string };
  [key: string]: unknown;
}
type Handler = (payload: Payload, ack: Ack, socket: Socket) => void;

/** One server with one log, that does what the contract says unless a test tells it otherwise. */
export interface StandIn {
  url: string;
  log: Entry[];
  /** The rooms of everybody, beside those that are joined. */
  rows: RoomRow[];
  /** Who is in the room, for `members`. */
  people: User[];
  /** `auth` of each handshake so far. */
  auths: Record<string, unknown>[];
  /** Every request so far but `rooms`, as `event text-or-room`. */
  requests: string[];
  /** The payloads of all requests of this kind so far. */
  asked(event: string): unknown[];
  sockets(): Socket[];
  /** Handshakes that the engine refused so far. */
  readonly refusals: number;
  /** Answers the next requests of this kind instead of the server, in turn; `true` hands one on to it. */
  next(event: string, ...handlers: (Handler | true)[]): void;
  /** Refuses the next handshakes. */
  refuse(error: WireError, times?: number): void;
  /** Appends a message of somebody else. */
  say(text: string): void;
}

const JOIN_PAGE = 3;

export async function startStandIn(options: Partial<ServerOptions> = {}): Promise<StandIn> {
  const http = createServer();
  const io = new Server(http, { pingInterval: 1_000, pingTimeout: 1_000, ...options });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  onCleanup(() => io.close());

  const log: Entry[] = [];
  const rows: RoomRow[] = [];
  const people: User[] = [];
  const asked = new Map<string, unknown[]>();
  const auths: Record<string, unknown>[] = [];
  const requests: string[] = [];
  const planned = new Map<string, (Handler | true)[]>();
  const refusals: WireError[] = [];

  const append = (name: string, body: Omit<EntryBody, 'from' | 'at'>): Entry => {
    const known = log.find((entry) => entry.id === body.id && entry.from.name === name);
    if (known) return known;
    const seq = log.length + 1;
    const n = log.filter(({ kind }) => kind === 'message').length + Number(body.kind === 'message');
    const from = { id: `guest:${name}`, name };
    const entry = { ...body, room: 'lobby', epoch: 'e', seq, n, from, at: seq } as Entry;
    log.push(entry);
    io.to('lobby').emit('messages', [entry]);
    return entry;
  };
  const adding =
    (kind: string): Handler =>
    ({ room: _, ...body }, ack, socket) => {
      const { id, seq, at } = append(nameOf(socket), { ...body, kind } as never);
      ack({ ok: true, id, room: 'lobby', status: 'committed', epoch: 'e', seq, at });
    };
  const page = (end: number): PageMessage[] => {
    const messages = log.slice(0, end).flatMap((entry) => messageOf(entry) ?? []);
    return messages.slice(-JOIN_PAGE).map((message) => log.reduce(present, message));
  };
  const handlers: Record<string, Handler> = {
    sendMessage: adding('message'),
    editMessage: adding('edit'),
    deleteMessage: adding('delete'),
    react: adding('reaction'),
    rooms: (_, ack) => ack({ ok: true, rooms: rows }),
    members: ({ room }, ack) => ack({ ok: true, room, count: people.length, members: people }),
    typing: (_, ack) => ack({ ok: true }),
    markRead: ({ room, seq }, ack) => ack({ ok: true, room, seq, unread: 0 }),
    openDirect: ({ user }, ack) => ack({ ok: true, room: `dm:${String(user)}` }),
    refreshToken: (_, ack) => ack({ ok: true, expiresAt: 1 }),
    join: ({ room }, ack, socket) => {
      void socket.join('lobby');
      const head = log.length;
      const messages = page(head);
      ack({
        ok: true,
        room,
        epoch: 'e',
        first: 1,
        head,
        upTo: head,
        messages,
        complete: (messages[0]?.seq ?? 1) === 1,
        reason: 'fresh',
      });
    },
    history: ({ room, before = log.length + 1 }, ack) => {
      const messages = page(before - 1);
      ack({
        ok: true,
        room,
        epoch: 'e',
        first: 1,
        head: log.length,
        messages,
        complete: (messages[0]?.seq ?? 1) === 1,
      });
    },
    detach: ({ room }, ack, socket) => {
      void socket.leave(room);
      ack({ ok: true, room });
    },
  };

  let engineRefusals = 0;
  io.engine.on('connection_error', () => engineRefusals++);
  io.use((socket, next) => {
    auths.push(socket.handshake.auth);
    const data = refusals.shift();
    next(data && Object.assign(new Error(data.message), { data }));
  });
  io.on('connection', (socket) => {
    for (const [event, handler] of Object.entries(handlers)) {
      socket.on(event, (payload: Payload, ack: Ack) => {
        if (event !== 'rooms') requests.push(`${event} ${payload.text ?? payload.room}`);
        asked.set(event, [...(asked.get(event) ?? []), payload]);
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
    rows,
    people,
    asked: (event) => asked.get(event) ?? [],
    auths,
    requests,
    get refusals() {
      return engineRefusals;
    },
    sockets: () => [...io.of('/').sockets.values()],
    next: (event, ...plan) => planned.set(event, plan),
    refuse: (error, times = 1) => refusals.push(...Array.from({ length: times }, () => error)),
    say: (text) => void append('jun', { kind: 'message', id: text, text } as never),
  };
}

const nameOf = (socket: Socket): string => (socket.handshake.auth.name as string | undefined) ?? 'unnamed';
