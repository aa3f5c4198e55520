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
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { openRaw } from '../support/raw';

interface Ends {
  url: string;
  /** The server's ends of its connections, in the order in which they came. */
  sockets: ChatSocket[];
  direct: DirectWrites;
}

async function listen(): Promise<Ends> {
  const http = createServer();
  const io = new Server(http) as ChatIo;
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
  const [, socket] = await enter(ends);
  const [, polling] = await enter(ends, 'polling');
  await eventually(() => expect(Line.of(socket.conn.transport)?.isClear).toBe(true));
  expect(Line.of(polling.conn.transport)).toBeUndefined();
  const queued: unknown[] = [];
  socket.conn.on('flush', () => queued.push('websocket'));
  polling.conn.on('flush', () => queued.push('polling'));
  for (const each of [socket, polling]) new SocketConnection(each, ends.direct).deliver(packetOf(1));
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
    if (turn % 5 > 0) await new Promise((done) => setImmediate(done));
  }
  await eventually(() => expect(got).toHaveLength(seq));
  expect(got).toEqual(Array.from({ length: seq }, (_, i) => i));
});

test('[FAN-8] what the kernel does not take comes later, whole', async () => {
  const ends = await listen();
  const raw = await openRaw(ends.url);
  raw.send('40');
  await raw.got('40');
  raw.pause();
  const [socket] = ends.sockets as [ChatSocket];
  const connection = new SocketConnection(socket, ends.direct);
  const text = '가'.repeat(300_000);
  const packets = Array.from({ length: 20 }, (_, seq) => packetOf(seq, text)); // the kernel takes some millions
  for (const packet of packets) {
    connection.deliver(packet);
    await new Promise((done) => setImmediate(done));
  }
  expect(Line.of(socket.conn.transport)!.isClear).toBe(false);
  raw.resume();
  await eventually(() => expect(raw.frames.filter((frame) => frame.startsWith('42'))).toHaveLength(20));
  const seqs = raw.frames
    .filter((frame) => frame.startsWith('42'))
    .map((frame) => (JSON.parse(frame.slice(2)) as [string, Entry[]])[1][0]!.seq);
  expect(seqs).toEqual(packets.map((_, seq) => seq));
});

test('[FAN-8] who does not read is full before a megabyte waits for him, even within one turn', async () => {
  const ends = await listen();
  const raw = await openRaw(ends.url);
  raw.send('40');
  await raw.got('40');
  raw.pause();
  const [socket] = ends.sockets as [ChatSocket];
  await eventually(() => expect(Line.of(socket.conn.transport)?.isClear).toBe(true));
  const connection = new SocketConnection(socket, ends.direct);
  let seq = 0;
  while (!connection.isFull && seq < 200) connection.deliver(packetOf(seq++, 'x'.repeat(100_000)));
  expect(seq).toBeLessThan(200);
  expect(backlogOf(socket.conn)).toBeLessThan(1_000_000);
  const drained = connection.drained();
  raw.resume();
  await drained;
  expect(connection.isFull).toBe(false);
  await eventually(() => expect(raw.frames.filter((frame) => frame.startsWith('42'))).toHaveLength(seq));
});

test('[FAN-8] nothing is written to a descriptor that has become that of another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-direct-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  const ends = await listen();
  const [, socket] = await enter(ends);
  await eventually(() => expect(Line.of(socket.conn.transport)?.isClear).toBe(true));
  const { fd } = (socket.conn.transport as never as { socket: { _socket: { _handle: { fd: number } } } })
    .socket._socket._handle;
  new SocketConnection(socket, ends.direct).deliver(packetOf(1));
  (socket.conn.transport as never as { socket: { terminate(): void } }).socket.terminate();
  const file = openSync(join(folder, 'of another'), 'w');
  expect(file).toBe(fd);
  await new Promise((done) => setImmediate(done));
  closeSync(file);
  expect(readFileSync(join(folder, 'of another'), 'utf8')).toBe('');
});
