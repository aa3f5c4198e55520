import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { ours, peer } from '../../src/load/raw/dialects';
import { runLoad, type Load } from '../../src/load/raw/run';
import { onCleanup } from '../support/cleanup';
import { startRedis } from '../support/redis';
import { startServer } from '../support/server';

const quietly = { progress: () => undefined };
const at = (port: number) => [{ host: '127.0.0.1', port }];
const exactly = {
  missing: 0,
  gaps: 0,
  backwards: 0,
  seqBreaks: 0,
  ended: 0,
  refused: 0,
  unanswered: 0,
  problems: [],
};

test('[LOAD-22] three seconds of fan-out by raw WebSocket, polling and upgrade: each message exactly once, in order', async () => {
  const redis = await startRedis();
  const server = await startServer({ redisUrl: redis.url });
  const load: Load = {
    users: 40,
    rooms: 2,
    rate: 60,
    warmUpMs: 500,
    forMs: 2_500,
    transports: ['websocket', 'polling', 'upgrade'],
  };
  const result = await runLoad(at(server.port), ours, load, quietly);
  // 60 a second for 3 s, each shown to the 20 members of its room, the sender among them.
  expect(result).toMatchObject({ ...exactly, sent: 180, acknowledged: 180, delivered: 180 * 20 });
  expect(result.delivery.samples).toBe(150 * 20);
  expect(result.ack.samples).toBe(150);
});

test('[LOAD-22] senders who wait for their answers', async () => {
  const redis = await startRedis();
  const server = await startServer({ redisUrl: redis.url });
  const load: Load = { users: 10, rooms: 10, rate: 'asAcknowledged', warmUpMs: 200, forMs: 800 };
  const result = await runLoad(at(server.port), ours, load, quietly);
  expect(result).toMatchObject(exactly);
  expect(result.acknowledged).toBeGreaterThan(10);
  expect(result.delivered).toBe(result.sent);
});

test('[LOAD-24] who stalls takes nothing while it counts, and all of it later; the others are timed', async () => {
  const redis = await startRedis();
  const server = await startServer({ redisUrl: redis.url });
  const load: Load = { users: 10, rooms: 1, rate: 40, warmUpMs: 500, forMs: 1_500, oneStallsOf: 5 };
  const result = await runLoad(at(server.port), ours, load, quietly);
  expect(result).toMatchObject({ ...exactly, sent: 80, acknowledged: 80, delivered: 80 * 10 });
  expect(result.delivery.samples).toBe(60 * 8);
  expect(result.ack.samples).toBe(48);
  expect(result.deliveriesInTime).toBeLessThan(61 * 9);
});

/** A chat server that shows the messages of a room as this says: it is given each message and the socket it is for. */
async function startStandIn(
  show: (emit: () => void, socket: number, message: number) => void,
): Promise<number> {
  const http = createServer();
  const io = new Server(http);
  const sockets: string[] = [];
  let messages = 0;
  io.on('connection', (socket) => {
    sockets.push(socket.id);
    socket.on('join', (_: unknown, ack: (answer: object) => void) => ack({ ok: true }));
    socket.on('sendMessage', (message: object, ack: (answer: object) => void) => {
      messages++;
      sockets.forEach((id, i) => show(() => io.to(id).emit('message', message), i, messages));
      ack({ ok: true });
    });
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  onCleanup(() => io.close());
  return (http.address() as AddressInfo).port;
}

describe('a server that breaks the promises is found out', () => {
  const load: Load = { users: 5, rooms: 1, rate: 50, warmUpMs: 0, forMs: 1_000 };
  const judged = async (show: Parameters<typeof startStandIn>[0]) =>
    runLoad(at(await startStandIn(show)), peer, load, quietly);
  // Message 6 and those five later are of one sender.
  const sixth = (socket: number, message: number): boolean => socket === 3 && message === 6;

  test('[LOAD-23] an honest one is not', async () => {
    expect(await judged((emit) => emit())).toMatchObject({ ...exactly, sent: 50, delivered: 250 });
  });

  test('[LOAD-23] one that loses a message', async () => {
    const result = await judged((emit, ...of) => sixth(...of) || emit());
    expect(result).toMatchObject({ missing: 1, gaps: 1, backwards: 0, delivered: 249 });
  });

  test('[LOAD-23] one that loses the last message', async () => {
    const result = await judged((emit, socket, message) => (socket === 3 && message === 50) || emit());
    expect(result).toMatchObject({ missing: 1, gaps: 0, backwards: 0 });
  });

  test('[LOAD-23] one that shows a message twice', async () => {
    const result = await judged((emit, ...of) => {
      emit();
      if (sixth(...of)) emit();
    });
    expect(result).toMatchObject({ missing: -1, gaps: 0, backwards: 1 });
  });

  test('[LOAD-23] one that changes the order', async () => {
    let late: (() => void) | undefined;
    const result = await judged((emit, socket, message) => {
      if (sixth(socket, message)) return void (late = emit);
      emit();
      if (socket === 3 && message === 11) late!();
    });
    expect(result).toMatchObject({ missing: 0, gaps: 1, backwards: 1 });
  });
});
