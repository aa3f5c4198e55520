import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { serveChat } from './chat';

/** S: plain Socket.IO with the classic adapter over Redis, as its documentation shows it. PORT, REDIS_URL. */
async function main(): Promise<void> {
  const pub = createClient({ url: process.env.REDIS_URL! });
  const sub = pub.duplicate();
  for (const client of [pub, sub]) client.on('error', (error) => console.error(error));
  await Promise.all([pub.connect(), sub.connect()]);
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(pub, sub) });
  serveChat(io);
  // The backlog alone is not the default: with 511 a crowd that arrives through nginx meets timeouts.
  http.listen({ host: '127.0.0.1', port: Number(process.env.PORT), backlog: 4_096 });
}

// Without this line it ends when a command to Redis passes its deadline, which the adapter does not catch: seen
// whenever it could not keep up for some seconds. It is to be measured, so it may live.
process.on('unhandledRejection', (error) => console.error(error));
void main();
