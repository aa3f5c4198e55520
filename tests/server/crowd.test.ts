import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { check } from '../../src/load/checker';
import type { CrowdClient, Transport } from '../../src/load/client';
import { Crowd } from '../../src/load/crowd';
import { sourceAddress } from '../../src/load/sources';
import type { Auth } from '../../src/protocol/schemas';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startRedis } from '../support/redis';
import { startServer, uniquePrefix } from '../support/server';

const transports: Transport[] = ['polling', 'websocket', 'upgrade'];

test('[LOAD-12] a crowd on two servers talks, resumes after a cut, and the checker finds nothing', async () => {
  const { url: redisUrl } = await startRedis();
  const settings = { keyPrefix: uniquePrefix() };
  const servers = [await startServer({ redisUrl, settings }), await startServer({ redisUrl, settings })];
  const urls = servers.map((server) => server.url);
  const crowd = new Crowd({ urls, clients: 24, transports, rooms: (i) => ['tea', `corner-${i % 4}`] });
  onCleanup(() => crowd.close());
  await crowd.connectAll();
  const rooms = ['lobby', 'tea', 'corner-0', 'corner-1', 'corner-2', 'corner-3'];
  const traffic = crowd.sendSteadily({ ratePerSecond: 100, forMs: 3_000, rooms });
  // One server goes and comes back on its port: its clients resume by themselves.
  await servers[1]!.stop();
  await startServer({ redisUrl, settings, port: servers[1]!.port });
  await traffic;
  await eventually(() => expect(crowd.clients.every((client) => client.ready)).toBe(true), 20_000);
  expect(crowd.errors()).not.toEqual([]);
  const logs = await crowd.settle();
  const report = check({ seed: crowd.seed, journals: crowd.journals, logs });
  expect(report).toMatchObject({ examples: [], violations: 0, sends: 300, committed: 300, clients: 24 });
  expect(report.shown).toBeGreaterThan(300 * 6);
});

test('[LOAD-16] a crowd that edits, deletes and reacts over a cut ends in one state', async () => {
  const { url: redisUrl } = await startRedis();
  const settings = { keyPrefix: uniquePrefix() };
  const servers = [await startServer({ redisUrl, settings }), await startServer({ redisUrl, settings })];
  const urls = servers.map((server) => server.url);
  const crowd = new Crowd({ urls, clients: 12, transports, rooms: (i) => ['tea', `corner-${i % 2}`] });
  onCleanup(() => crowd.close());
  await crowd.connectAll();
  const rooms = ['lobby', 'tea', 'corner-0', 'corner-1'];
  const mix = { message: 4, edit: 3, delete: 1, reaction: 4, history: 1 };
  await crowd.sendSteadily({ ratePerSecond: 200, forMs: 1_000, rooms, mix });
  const traffic = crowd.sendSteadily({ ratePerSecond: 200, forMs: 3_000, rooms, mix });
  await servers[1]!.stop();
  await startServer({ redisUrl, settings, port: servers[1]!.port });
  await traffic;
  await eventually(() => expect(crowd.clients.every((client) => client.ready)).toBe(true), 20_000);
  const logs = await crowd.settle();
  const report = check({ seed: crowd.seed, journals: crowd.journals, logs });
  expect(report).toMatchObject({ examples: [], violations: 0, clients: 13 });
  const kinds = crowd.journals.flatMap(({ sends }) => sends.map(({ kind }) => kind));
  expect(new Set(kinds)).toEqual(new Set(['message', 'edit', 'delete', 'reaction']));
  // The late reader saw what was deleted as tombstones, the others as text.
  const late = crowd.journals.at(-1)!.events.flatMap((e) => (e.type === 'messages' ? e.entries : []));
  expect(late.some((entry) => entry.kind === 'message' && 'deleted' in entry)).toBe(true);
});

test('[LOAD-13] each client comes from its own network, and by the transport it was told', async () => {
  const used = new Map<string, Set<string>>();
  const note = (kind: string) => (request: IncomingMessage) => {
    const address = request.socket.remoteAddress!;
    used.set(address, (used.get(address) ?? new Set()).add(kind));
  };
  const http = createServer();
  const io = new Server(http);
  http.on('request', note('polling')).on('upgrade', note('websocket'));
  io.on('connection', (socket) => {
    const { rooms } = socket.handshake.auth as Auth;
    const reason = rooms?.['lobby'] ? 'none' : 'fresh';
    const lobby = { room: 'lobby', epoch: 'e', head: 0, n: 0, upTo: 0, reason };
    socket.emit('hello', { version: 1, server: 's', user: { id: 'u', name: 'u' }, rooms: [lobby] });
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  onCleanup(() => io.close());
  const urls = [`http://127.0.0.1:${(http.address() as AddressInfo).port}`];

  const crowd = new Crowd({ urls, clients: 9, transports, rooms: () => [] });
  onCleanup(() => crowd.close());
  await crowd.connectAll();
  const kinds = [['polling'], ['websocket'], ['polling', 'websocket']];
  const expected = crowd.clients.map((_, i) => kinds[i % 3]);
  await eventually(() => {
    expect(crowd.clients.map((_, i) => [...(used.get(sourceAddress(i)) ?? [])])).toEqual(expected);
    expect(crowd.clients.map(({ transport }) => transport)).toEqual(expected.map((kind) => kind?.at(-1)));
  });
  expect(crowd.errors()).toEqual([]);

  // A connection that is reset under a request is an error, and the client comes back.
  http.closeAllConnections();
  const cut = crowd.clients.filter((client) => client.transport === 'polling');
  await eventually(() => expect(crowd.errors()).toEqual(cut.map(cutOff)));
  await eventually(() => expect(crowd.clients.every((client) => client.ready)).toBe(true));
});

const cutOff = ({ journal }: CrowdClient): string => `${journal.client}: transport error: xhr poll error 0`;
