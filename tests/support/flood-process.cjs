// Real load from a process of its own: raw WebSockets that speak just enough of Engine.IO and Socket.IO, because the
// stock client would cost more than the server does. Told over IPC what to do: see flood.ts.
const { connect } = require('node:net');

const TEXT = 'x'.repeat(100);
const TICK_MS = 5;
const ACK = Buffer.from('43');

/** The bytes of one text frame; a mask of zeros leaves the payload as it is. */
function frameOf(text) {
  const payload = Buffer.from(text);
  const short = payload.length < 126;
  const head = Buffer.alloc(short ? 6 : 8);
  head[0] = 0x81;
  head[1] = 0x80 | (short ? payload.length : 126);
  if (!short) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

const PONG = frameOf('3');

/** Calls back with the payload of each frame, whole. */
function framesOf(socket, onFrame) {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 2) {
      const length = rest[at + 1] & 0x7f;
      const head = length < 126 ? 2 : length === 126 ? 4 : 10;
      if (rest.length - at < head) break;
      const size =
        length < 126
          ? length
          : length === 126
            ? rest.readUInt16BE(at + 2)
            : Number(rest.readBigUInt64BE(at + 2));
      if (rest.length - at < head + size) break;
      onFrame(rest.subarray(at + head, at + head + size));
      at += head + size;
    }
    rest = rest.subarray(at);
  });
}

class Client {
  constructor(flood, index, room, isWitness) {
    Object.assign(this, { flood, index, room, isWitness, ready: false, acks: new Map(), next: 0 });
  }

  /** Resolves when it is in its room; rejects with the status of the handshake if it is refused. */
  open(port) {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      this.socket = socket;
      socket.on('error', reject);
      socket.once('connect', () =>
        socket.write(
          'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n' +
            'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
        ),
      );
      socket.once('data', (head) => {
        const end = head.indexOf('\r\n\r\n') + 4;
        const status = head.toString('latin1', 9, 12);
        if (status !== '101') return reject(new Error(status));
        framesOf(socket, (payload) => this.take(payload, resolve));
        socket.write(frameOf(`40{"name":"${this.flood.name}-${this.index}"}`));
        if (head.length > end) socket.unshift(head.subarray(end));
      });
      socket.on('close', () => {
        if (this.ready) this.flood.counts.closed++;
        this.ready = false;
        reject(new Error('closed'));
      });
    });
  }

  take(payload, ready) {
    if (payload.length === 1 && payload[0] === 0x32) return void this.socket.write(PONG);
    if (payload.subarray(0, 2).equals(ACK)) return this.answered(payload.toString(), ready);
    if (payload.indexOf('42["hello"') === 0) {
      return void this.socket.write(frameOf(`420["join",{"room":"${this.room}"}]`));
    }
    if (this.isWitness && payload.indexOf('42["messages"') === 0) {
      for (const { id, kind, pending } of JSON.parse(payload.toString(undefined, 2))[1])
        if (kind === 'message' && !pending) this.flood.heard.set(id, (this.flood.heard.get(id) ?? 0) + 1);
    }
  }

  answered(text, ready) {
    const start = text.indexOf('[');
    const number = Number(text.slice(2, start));
    const [answer] = JSON.parse(text.slice(start));
    if (number === 0) {
      this.ready = answer.ok;
      return ready();
    }
    const { id, at } = this.acks.get(number);
    this.acks.delete(number);
    this.flood.answered(id, answer, performance.now() - at);
  }

  send(id) {
    const number = ++this.next;
    this.acks.set(number, { id, at: performance.now() });
    this.socket.write(
      frameOf(`42${number}["sendMessage",{"room":"${this.room}","text":"${TEXT}","id":"${id}"}]`),
    );
  }
}

class Flood {
  constructor({ port, clients, rooms, name }) {
    Object.assign(this, { port, name, sent: 0, heard: new Map(), accepted: new Set(), times: [] });
    this.reset();
    this.clients = Array.from(
      { length: clients },
      (_, i) => new Client(this, i, `${name}-${i % rooms}`, i < rooms),
    );
  }

  reset() {
    this.counts = { sent: 0, accepted: 0, queued: 0, refused: {}, retryAfterMs: [], closed: 0, lateMs: 0 };
    this.times = [];
  }

  async connect() {
    for (let i = 0; i < this.clients.length; i += 50)
      await Promise.all(this.clients.slice(i, i + 50).map((client) => client.open(this.port)));
  }

  answered(id, answer, ms) {
    const { counts } = this;
    if (answer.ok) {
      counts.accepted++;
      if (answer.status === 'queued') counts.queued++;
      this.accepted.add(id);
      this.times.push(ms);
      return;
    }
    const { code, retryAfterMs } = answer.error;
    counts.refused[code] = (counts.refused[code] ?? 0) + 1;
    if (counts.retryAfterMs.length < 1_000) counts.retryAfterMs.push(retryAfterMs);
  }

  /** Open loop: every message goes at its time, whatever the server does. */
  async run({ ratePerSecond, forMs }) {
    this.reset();
    const start = performance.now();
    const total = (ratePerSecond * forMs) / 1_000;
    for (let done = 0; done < total;) {
      const due = Math.min(total, ((performance.now() - start) * ratePerSecond) / 1_000);
      for (; done < due; done++) {
        const client = this.clients[this.sent % this.clients.length];
        if (!client.ready) continue;
        client.send(`m${++this.sent}`);
        this.counts.sent++;
      }
      const lateMs = performance.now() - start - (done * 1_000) / ratePerSecond;
      this.counts.lateMs = Math.max(this.counts.lateMs, lateMs);
      await new Promise((next) => setTimeout(next, TICK_MS));
    }
    const took = performance.now() - start;
    return { ...this.result(), took };
  }

  result() {
    const sorted = this.times.sort((a, b) => a - b);
    const at = (q) => sorted[Math.floor(sorted.length * q)] ?? 0;
    const ids = [...this.accepted];
    return {
      ...this.counts,
      ack: { p50: at(0.5), p99: at(0.99) },
      unanswered: this.clients.reduce((sum, { acks }) => sum + acks.size, 0),
      missing: ids.filter((id) => !this.heard.has(id)).length,
      doubled: ids.filter((id) => this.heard.get(id) > 1).length,
      cpuMicros: process.cpuUsage().user + process.cpuUsage().system,
    };
  }
}

let flood;
const commands = {
  open: async (options) => {
    flood = new Flood(options);
    await flood.connect();
  },
  run: (options) => flood.run(options),
  result: async () => flood.result(),
};

process.on('message', ({ number, command, options }) => {
  commands[command](options).then(
    (result) => process.send({ number, result }),
    (error) => process.send({ number, error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0)); // the test is gone
