import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { onCleanup } from './cleanup';

/** A WebSocket that sends whatever bytes a test wants: no library would. */
export interface RawSocket {
  /** Of the handshake. */
  status: number;
  /** Text of the frames that came so far. */
  frames: string[];
  /** One frame, masked. */
  send(data: string | Buffer, opcode?: number): void;
  bytes(data: Buffer): void;
  /** Resolves when a frame that starts like this has come. */
  got(start: string): Promise<void>;
  /** Stops to read, and reads again. */
  pause(): void;
  resume(): void;
  /** Hangs up, and resolves when the server has read all that was sent and has closed too. */
  end(): Promise<void>;
  /** Resolves when the connection is over, whoever ended it. */
  closed: Promise<void>;
}

const TEXT = 1;

/** Opens a WebSocket to Engine.IO with any headers. */
export async function openRaw(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
  const { host, hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onCleanup(() => socket.destroy());
  let received: Buffer = Buffer.alloc(0);
  const frames: string[] = [];
  const waiting: [start: string, done: () => void][] = [];
  socket.on('error', () => undefined);
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  await once(socket, 'connect');
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const key = randomBytes(16).toString('base64');
  const lines = Object.entries({ host, ...upgrade, 'sec-websocket-key': key, ...headers });
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${lines.map((l) => l.join(': ')).join('\r\n')}\r\n\r\n`,
  );
  const head = await new Promise<string>((resolve, reject) => {
    socket.on('close', () => reject(new Error('closed at the handshake')));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const text = received.subarray(0, end).toString();
      received = received.subarray(end + 4);
      socket.removeAllListeners('data');
      resolve(text);
    });
  });
  const read = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    for (let frame = cut(received); frame; frame = cut(received)) {
      received = frame.rest;
      frames.push(frame.text);
      for (const [start, done] of waiting) if (frame.text.startsWith(start)) done();
    }
  };
  socket.on('data', read);
  read(Buffer.alloc(0));
  return {
    status: Number(head.split(' ')[1]),
    frames,
    send: (data, opcode) => socket.write(masked(Buffer.from(data), randomBytes(4), opcode)),
    bytes: (data) => socket.write(data),
    got: (start) =>
      new Promise((done) => {
        if (frames.some((frame) => frame.startsWith(start))) return done();
        waiting.push([start, done]);
      }),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => {
      socket.end();
      return closed;
    },
    closed,
  };
}

/** A raw WebSocket that has joined the default namespace and got its `hello`. */
export async function enterRaw(url: string): Promise<RawSocket> {
  const raw = await openRaw(url);
  raw.send('40');
  await raw.got('42["hello"');
  return raw;
}

/** The bytes of one frame of a client. */
export function masked(data: Buffer, mask: Buffer, opcode = TEXT): Buffer {
  const { length } = data;
  const size = length < 126 ? Buffer.from([0x80 | length]) : Buffer.alloc(length < 65_536 ? 3 : 9);
  if (length >= 65_536) {
    size[0] = 0x80 | 127;
    size.writeBigUInt64BE(BigInt(length), 1);
  } else if (length >= 126) {
    size[0] = 0x80 | 126;
    size.writeUInt16BE(length, 1);
  }
  const body = Buffer.from(data.map((byte, i) => byte ^ mask[i % 4]!));
  return Buffer.concat([Buffer.from([0x80 | opcode]), size, mask, body]);
}

/** The first frame of what a server has sent, if it is whole. */
function cut(data: Buffer): { text: string; rest: Buffer } | undefined {
  if (data.length < 2) return undefined;
  const short = data[1]! & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (data.length < start) return undefined;
  const length = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  if (data.length < start + length) return undefined;
  return { text: data.subarray(start, start + length).toString(), rest: data.subarray(start + length) };
}

/** A polling session by hand. */
export async function openPolling(
  url: string,
): Promise<{ post(body: string): Promise<Response>; get(): Promise<Response> }> {
  const base = `${url}/socket.io/?EIO=4&transport=polling`;
  const opened = await (await fetch(base)).text();
  const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
  const post = (body: string): Promise<Response> => fetch(`${base}&sid=${sid}`, { method: 'POST', body });
  const get = (): Promise<Response> => fetch(`${base}&sid=${sid}`);
  await post('40');
  return { post, get };
}
