import { createServer } from 'node:http';
import type { Socket } from 'node:net';

/** Above this a socket is left alone for a while. */
const MOST_WAITING = 256 * 1_024;
const MARK = /~~\w{4}\d{4}/;
const COUNT_DIGITS = 8;

/**
 * What the generator can take at most: this server does nothing but write buffers that are built once for all sockets.
 * Each write holds FRAMES messages. PORT, FRAMES.
 */
function main(): void {
  const frames = Number(process.env.FRAMES);
  const sockets = new Set<Socket>();
  let mark: string | undefined;
  let count = 0;
  const write = (): void => {
    if ([...sockets].every(({ writableLength }) => writableLength < MOST_WAITING)) {
      const train = Buffer.concat(Array.from({ length: frames }, () => message(mark!, ++count)));
      for (const socket of sockets) socket.write(train);
    }
    if (sockets.size > 0) setImmediate(write);
    else mark = undefined;
  };
  const http = createServer();
  http.on('upgrade', (_request, socket: Socket) => {
    if (mark === undefined) count = 0;
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    // Mask and handshake are not looked at: what is sent is what a client waits for, in its order.
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    for (const packet of ['0{}', '40{}', '430[{"ok":true}]']) socket.write(frame(packet));
    socket.on('data', (data) => {
      const found = MARK.exec(data.toString('latin1'))?.[0];
      if (mark !== undefined || found === undefined) return;
      mark = found;
      setImmediate(write);
    });
  });
  http.listen({ host: '127.0.0.1', port: Number(process.env.PORT), backlog: 4_096 });
}

function message(mark: string, count: number): Buffer {
  const text = `${mark}${`${count}`.padStart(COUNT_DIGITS, '0')}${'0'.repeat(11)}`.padEnd(100, ' helloTest');
  const entry = {
    id: `1-${count}`,
    room: 'bench',
    from: { id: 'x'.repeat(20), name: 'bench' },
    at: 1.7e12,
    text,
  };
  return frame(`42${JSON.stringify(['message', entry])}`);
}

/** All are longer than 125 bytes, or shorter. */
function frame(text: string): Buffer {
  const { length } = text;
  const head = length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), Buffer.from(text)]);
}

main();
