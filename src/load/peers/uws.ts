import { join } from 'node:path';

/** The part of uWebSockets.js that is used here: its package is installed by the benchmark alone. */
interface Uws {
  App(): UwsApp;
}
interface UwsApp {
  ws(path: string, behavior: object): UwsApp;
  listen(host: string, port: number, listening: (token: unknown) => void): UwsApp;
  publish(topic: string, message: string): boolean;
}
interface UwsSocket {
  send(message: string): number;
  subscribe(topic: string): boolean;
}

type Call = [event: 'join' | 'sendMessage', payload: { room?: string; text: string }];

const load = (): Uws =>
  require(join(process.env.BENCH_PACKAGES!, 'node_modules', '@trufflesuite', 'uws-js-unofficial')) as Uws;

/**
 * U: pub/sub of uWebSockets in C++, with just as much of Socket.IO's framing in JavaScript as clients need. PORT,
 * BENCH_PACKAGES.
 */
function main(): void {
  let count = 0;
  const app = load().App();
  const call = (socket: UwsSocket, ack: string, [event, { room, text }]: Call): void => {
    const id = `${++count}`;
    const at = Date.now();
    if (event === 'join') socket.subscribe(room!);
    else if (room !== undefined)
      app.publish(room, `42${JSON.stringify(['message', { id, room, from: { id }, at, text }])}`);
    socket.send(`43${ack}${JSON.stringify([{ ok: true, id, at }])}`);
  };
  app.ws('/socket.io/', {
    maxBackpressure: 64 * 1_024 * 1_024,
    open: (socket: UwsSocket) => {
      const options = { sid: `${++count}`, upgrades: [], pingInterval: 25_000, pingTimeout: 20_000 };
      socket.send(`0${JSON.stringify({ ...options, maxPayload: 1e6 })}`);
    },
    message: (socket: UwsSocket, data: ArrayBuffer) => {
      const packet = Buffer.from(data).toString();
      if (packet.startsWith('40')) return void socket.send(`40{"sid":"${++count}"}`);
      const [, ack, json] = /^42(\d+)(.*)$/s.exec(packet) ?? [];
      if (json !== undefined) call(socket, ack!, JSON.parse(json) as Call);
    },
  });
  app.listen('127.0.0.1', Number(process.env.PORT), (token) => {
    if (!token) process.exit(1);
  });
}

main();
