import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { io as connect, type Socket as Client } from 'socket.io-client';
import type { Entry } from '../../src/protocol/entries';
import { backlogOf } from '../../src/server/edge/backlog';
import { SocketConnection } from '../../src/server/edge/connection';
import { DirectWrites, Line } from '../../src/server/edge/direct';
import { writeOnce } from '../../src/server/edge/frames';
import { encode } from '../../src/server/edge/packet';
import type { ChatIo, ChatSocket } from '../../src/server/edge/sockets';
import { queueOf, webSocketOf } from '../../src/server/edge/undeclared';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { openRaw, type RawSocket } from '../support/raw';

interface Ends {
  url: string;
  /** The server's ends of its connections, in the order in which they came. */
  sockets: ChatSocket[];
  direct: DirectWrites;
}

async function listen(): Promise<Ends> {
  const http = createServer();
  // No ping gets anything going again within a test.
  const io = new Server(http, { pingInterval: 300_000 }) as ChatIo;
  writeOnce(io);
  const direct = new DirectWrites(io);
  const sockets: ChatSocket[] = [];
  io.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  onCleanup(() => io.close());
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, sockets, direct };
}

async function enter({ url, sockets }: Ends, transport = 'websocket'): Promise<[Client, ChatSocket]> {
  const before = sockets.length;
  const client = connect(url, { forceNew: true, transports: [transport] });
  onCleanup(() => client.close());
  await eventually(() => expect(sockets).toHaveLength(before + 1));
  return [client, sockets[before]!];
}

const packetOf = (seq: number, text = 'x') => encode('messages', [{ seq, text } as Entry]);

test('[FAN-8] a stock client over WebSocket is reached past Engine.IO, one that polls is not', async () => {
  const ends = await listen();
  const [client, socket] = await enter(ends);
  const [poller, polling] = await enter(ends, 'polling');
  const got: string[] = [];
  client.on('messages', () => got.push('websocket'));
  poller.on('messages', () => got.push('polling'));
  await eventually(() => expect(Line.of(socket.conn.transport)?.isClear).toBe(true));
  expect(Line.of(polling.conn.transport)).toBeUndefined();
  const queued: unknown[] = [];
  socket.conn.on('flush', () => queued.push('websocket'));
  polling.conn.on('flush', () => queued.push('polling'));
  for (const each of [socket, polling]) new SocketConnection(each, ends.direct).deliver(packetOf(1));
  // Engine.IO may first have to wait for the next poll.
  await eventually(() => expect([...got].sort()).toEqual(['polling', 'websocket']));
  expect(queued).toEqual(['polling']);
});

test('[FAN-8] whatever goes past Engine.IO and through it comes in one order', async () => {
  const ends = await listen();
  const [client, socket] = await enter(ends);
  const [other, another] = await enter(ends);
  const got: number[] = [];
  for (const each of [client, other])
    each.on('messages', ([entry]: Entry[]) => each === client && got.push(entry!.seq));
  const connection = new SocketConnection(socket, ends.direct);
  const beside = new SocketConnection(another, ends.direct);
  let seq = 0;
  for (let turn = 0; turn < 100; turn++) {
    // One flush of the fan-out, answers between, and another one for the same.
    for (let i = 0; i < 3; i++) {
      connection.deliver(packetOf(seq++));
      beside.deliver(packetOf(0));
      if ((turn >> i) & 1) connection.send('messages', [{ seq: seq++ } as Entry]);
    }
    if (turn % 5 > 0) await nextTurn();
  }
  await eventually(() => expect(got).toHaveLength(seq));
  expect(got).toEqual(upTo(seq));
});

/** A client that has stopped to read, and the server's end of it. */
async function stalled(ends: Ends): Promise<[RawSocket, ChatSocket]> {
  const raw = await openRaw(ends.url);
  raw.send('40');
  await raw.got('40');
  raw.pause();
  const socket = ends.sockets.at(-1)!;
  await eventually(() => expect(Line.of(socket.conn.transport)?.isClear).toBe(true));
  return [raw, socket];
}

const seqsOf = ({ frames }: RawSocket): number[] =>
  frames
    .filter((frame) => frame.startsWith('42'))
    .map((frame) => (JSON.parse(frame.slice(2)) as [string, Entry[]])[1][0]!.seq);

const upTo = (seq: number): number[] => Array.from({ length: seq }, (_, i) => i);
const nextTurn = (): Promise<void> => new Promise((done) => setImmediate(done));

test('[FAN-8] what the kernel does not take comes later, whole', async () => {
  const ends = await listen();
  const [raw, socket] = await stalled(ends);
  const connection = new SocketConnection(socket, ends.direct);
  for (let seq = 0; seq < 20; seq++) {
    connection.deliver(packetOf(seq, '가'.repeat(300_000))); // the kernel takes some millions
    await nextTurn();
  }
  expect(Line.of(socket.conn.transport)!.isClear).toBe(false);
  raw.resume();
  await eventually(() => expect(seqsOf(raw)).toEqual(upTo(20)));
});

// The most that a piece may take, many small ones, and a large one behind small ones.
test.each([[[600_000]], [[100_000]], [[3_000]], [[600_000, 250_000]], [[250_000, 250_000, 600_000]]])(
  '[FAN-8] who does not read is full before a megabyte waits for him, be it within one turn (frames of %j)',
  async (sizes) => {
    const ends = await listen();
    const [raw, socket] = await stalled(ends);
    const connection = new SocketConnection(socket, ends.direct);
    let seq = 0;
    for (; !connection.isFull && seq < 5_000; seq++)
      connection.deliver(packetOf(seq, 'x'.repeat(sizes[seq % sizes.length]!)));
    expect(seq).toBeLessThan(5_000);
    expect(backlogOf(socket.conn)).toBeLessThan(1_000_000);
    const drained = connection.drained();
    raw.resume();
    await drained;
    expect(connection.isFull).toBe(false);
    connection.deliver(packetOf(seq));
    await eventually(() => expect(seqsOf(raw)).toEqual(upTo(seq + 1)));
  },
);

test('[FAN-8] of one that the kernel takes a part of, the rest counts, Engine.IO waits for it, and so does who is behind', async () => {
  const ends = await listen();
  const [raw, socket] = await stalled(ends);
  const connection = new SocketConnection(socket, ends.direct);
  connection.deliver(packetOf(0, 'x'.repeat(12_000_000)));
  expect(connection.isFull).toBe(true);
  const drained = connection.drained();
  raw.resume();
  await drained;
  raw.pause();
  connection.deliver(packetOf(1, 'x'.repeat(12_000_000)));
  connection.send('messages', [{ seq: 2 } as Entry]);
  expect(queueOf(socket.conn)).toHaveLength(1);
  raw.resume();
  await eventually(() => expect(seqsOf(raw)).toEqual(upTo(3)));
});

test('[FAN-8] an answer that comes while the kernel takes nothing waits its turn, and so does what comes after it', async () => {
  const ends = await listen();
  const [raw, socket] = await stalled(ends);
  const connection = new SocketConnection(socket, ends.direct);
  let seq = 0;
  while (Line.of(socket.conn.transport)!.isClear) {
    connection.deliver(packetOf(seq++, 'x'.repeat(200_000)));
    await nextTurn();
  }
  connection.send('messages', [{ seq: seq++ } as Entry]);
  connection.deliver(packetOf(seq++));
  raw.resume();
  await eventually(() => expect(seqsOf(raw)).toEqual(upTo(seq)));
  await eventually(() => expect(Line.of(socket.conn.transport)!.isClear).toBe(true)); // and it goes past Engine.IO again
});

test('[FAN-8] through TLS nothing goes past Node', async () => {
  const ends = await listen();
  const [, socket] = await enter(ends);
  const { transport } = socket.conn;
  const { _socket: raw } = webSocketOf(transport)!;
  expect(Line.of(transport)).toBeDefined();
  Object.assign(raw!, { encrypted: true }); // as Node marks a socket of TLS, whose descriptor is that of what is below
  expect(Line.of(transport)).toBeUndefined();
});

test('[FAN-8] nothing is written to a descriptor that has become that of another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-direct-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  const ends = await listen();
  const [, socket] = await enter(ends);
  await eventually(() => expect(Line.of(socket.conn.transport)?.isClear).toBe(true));
  const { _socket: raw } = webSocketOf(socket.conn.transport)!;
  const { fd } = raw!._handle!;
  new SocketConnection(socket, ends.direct).deliver(packetOf(1));
  webSocketOf(socket.conn.transport)!.terminate();
  const files: number[] = [];
  while (!files.includes(fd!)) files.push(openSync(join(folder, `${files.length}`), 'w')); // the lowest that is free
  await nextTurn();
  for (const file of files) closeSync(file);
  for (const i of files.keys()) expect(readFileSync(join(folder, `${i}`), 'utf8')).toBe('');
});
