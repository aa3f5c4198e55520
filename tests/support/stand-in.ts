import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { onCleanup } from './cleanup';

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  bodyBytes: number;
}

/** What nginx talks to in its tests, in place of a chat server: it records, and answers as told. */
export interface StandIn {
  port: number;
  seen: Seen[];
  /** Replaces the usual answer, which is 200 and the port. */
  answer: (request: Seen, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startStandIn(port: number, address = '127.0.0.1'): Promise<StandIn> {
  const sockets = new Set<Socket>();
  const usual = (_: Seen, response: ServerResponse): void => void response.end(`${port}`);
  const http = createServer((request, response) => {
    let bodyBytes = 0;
    request.on('data', (chunk: Buffer) => (bodyBytes += chunk.length));
    request.on('end', () => {
      const seen = { method: request.method!, url: request.url!, headers: request.headers, bodyBytes };
      standIn.seen.push(seen);
      standIn.answer(seen, response);
    });
  });
  http.keepAliveTimeout = 75_000; // as a chat server: longer than nginx keeps idle connections
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // A WebSocket as far as nginx is concerned: after the switch every byte comes back.
  http.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    standIn.seen.push({ method: 'UPGRADE', url: request.url!, headers: request.headers, bodyBytes: 0 });
    socket.write(
      `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nx-port: ${port}\r\n\r\n`,
    );
    socket.on('data', (data) => socket.write(data));
    socket.on('error', () => socket.destroy());
  });
  const standIn: StandIn = {
    port,
    seen: [],
    answer: usual,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => http.close(done));
    },
  };
  await new Promise<void>((done) => http.listen(port, address, done));
  onCleanup(() => standIn.close());
  return standIn;
}
