// What one write of a shared packet to each of 500 WebSockets costs this process (CPU), by three ways:
//   npm run build:server && node scripts/bench-writes.mjs
// The clients are a process of their own; rounds of the ways are interleaved.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import connecting from '../dist/server/edge/connection.js';
import directly from '../dist/server/edge/direct.js';
import packets from '../dist/server/edge/packet.js';

const CLIENTS = 500;
const ROUNDS = 5;
const FLUSHES = 40;
const FLUSH_MS = 30;

async function beClients(port) {
  for (let i = 0; i < CLIENTS; i++) {
    const socket = connect(`http://127.0.0.1:${port}`, { forceNew: true, transports: ['websocket'] });
    await once(socket, 'connect');
  }
  process.send('in');
}

const entry = (seq) => {
  const from = { id: `guest:${'x'.repeat(43)}`, name: 'Guest xxxx' };
  const text = 'x'.repeat(80);
  const id = '00000000-0000-4000-8000-000000000000';
  return {
    room: 'lobby',
    epoch: 'x'.repeat(12),
    seq,
    n: seq,
    id,
    kind: 'message',
    from,
    at: Date.now(),
    text,
  };
};

async function measure() {
  const http = createServer().listen(0, '127.0.0.1');
  const io = new Server(http, { serveClient: false });
  const direct = new directly.DirectWrites(io);
  const conns = [];
  const connections = [];
  io.on('connection', (socket) => {
    void socket.join('lobby');
    conns.push(socket.conn);
    connections.push(new connecting.SocketConnection(socket, direct));
  });
  await once(http, 'listening');
  const clients = fork(fileURLToPath(import.meta.url), [String(http.address().port)]);
  await once(clients, 'message');
  const { encode } = packets;
  const ways = {
    'io.local.to(room).emit': (entries) => io.local.to('lobby').emit('messages', entries),
    'conn.write': (entries) => {
      const { text, options } = encode('messages', entries);
      for (const conn of conns) conn.write(text, options);
    },
    direct: (entries) => {
      const packet = encode('messages', entries);
      for (const connection of connections) connection.deliver(packet);
    },
  };
  const costs = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  const entries = [1, 2, 3, 4, 5].map(entry);
  for (let round = 0; round < ROUNDS; round++)
    for (const [way, send] of Object.entries(ways)) {
      await sleep(200);
      const before = process.cpuUsage();
      for (let i = 0; i < FLUSHES; i++) {
        send(entries);
        await sleep(FLUSH_MS);
      }
      const { user, system } = process.cpuUsage(before);
      costs[way].push((user + system) / FLUSHES / CLIENTS);
    }
  for (const [way, all] of Object.entries(costs)) {
    all.sort((a, b) => a - b);
    const median = all[Math.floor(ROUNDS / 2)];
    console.log(`${way}: ${median.toFixed(1)} µs a write (lowest ${all[0].toFixed(1)})`);
  }
  clients.kill();
  process.exit(0);
}

await (process.argv[2] ? beClients(process.argv[2]) : measure());
