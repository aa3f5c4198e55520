import { textOf } from '../../src/protocol/entries';
import { eventually } from '../support/eventually';
import { startRedis } from '../support/redis';
import { collect, connect, next, startServer, uniquePrefix } from '../support/server';
import { startProxy } from '../support/tcp-proxy';

test('[HARD-15] a join that is refused before hello does not mute the room for the join that follows', async () => {
  const redis = await startRedis();
  const proxy = await startProxy(redis.port);
  const server = await startServer({ redisUrl: proxy.url, settings: { keyPrefix: uniquePrefix() } });
  await eventually(() => expect(server.stats().state).toBe('ok'));
  proxy.slowDown(300); // and hello with it
  const socket = connect(server.url, { transports: ['websocket'] });
  const entries = collect(socket);
  const hello = next(socket, 'hello');
  const early: Promise<unknown>[] = [];
  socket.on('connect', () => {
    for (let i = 0; i < 220; i++) early.push(socket.emitWithAck('history', { room: 'lobby' }));
    for (const room of ['lobby', 'r']) early.push(socket.emitWithAck('join', { room }));
  });
  await eventually(() => expect(early).toHaveLength(222));
  expect(await Promise.all(early.slice(-2))).toMatchObject([
    { ok: false, error: { code: 'rate_limited' } },
    { ok: false, error: { code: 'rate_limited' } },
  ]);
  proxy.slowDown(0);
  await hello;
  for (const room of ['lobby', 'r']) {
    expect(await socket.emitWithAck('join', { room })).toMatchObject({ ok: true });
    await socket.emitWithAck('sendMessage', { room, text: `in ${room}` });
  }
  await eventually(() => expect(entries.map(textOf)).toEqual(['in lobby', 'in r']));
  await Promise.all(early);
});
