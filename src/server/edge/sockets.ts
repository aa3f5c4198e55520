import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import fastifySocketIO from 'fastify-socket.io';
import type { Server, ServerOptions, Socket } from 'socket.io';
import { ChatError, codes } from '../../protocol/codes';
import type { Position } from '../../protocol/entries';
import type { ClientToServer, ServerToClient } from '../../protocol/events';
import type { Transport } from '../../config/parsers';
import { MAX_PACKET } from '../../protocol/limits';
import { roomName } from '../../protocol/names';
import type { Counters } from '../flow/counters';
import { validateAuth } from '../flow/validate';
import { identify, type Identity, type IdentityOptions } from './identity';
import type { PeerEvents } from './peers';

/** What is known of a connection from its handshake. */
export interface Arrival extends Identity {
  /** The positions of `auth.rooms`, by normalised name. */
  rooms: ReadonlyMap<string, Position>;
}

export type ChatIo = Server<ClientToServer, ServerToClient, PeerEvents, Arrival>;
export type ChatSocket = Socket<ClientToServer, ServerToClient, PeerEvents, Arrival>;

declare module 'fastify' {
  interface FastifyInstance {
    io: ChatIo;
  }
}

export interface SocketSettings {
  serverName: string;
  transports: Transport[];
  allowedOrigins: string[];
  pingIntervalMs: number;
  pingTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Puts Socket.IO on the HTTP server. Every sid starts with the server's name: nginx routes by it. */
export async function attachSockets(http: FastifyInstance, settings: SocketSettings): Promise<ChatIo> {
  const options: Partial<ServerOptions> = {
    serveClient: false,
    transports: settings.transports,
    maxHttpBufferSize: MAX_PACKET,
    pingInterval: settings.pingIntervalMs,
    pingTimeout: settings.pingTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    httpCompression: false,
    // Pages of these origins may read the answers of polling; admission.ts refuses all others.
    cors: { origin: settings.allowedOrigins },
  };
  await http.register(fastifySocketIO, {
    ...options,
    // Closing the engine makes clients come back; the plugin's own way tells them never to return.
    preClose: (done) => {
      http.io.engine.close();
      done();
    },
  });
  http.io.engine.generateId = () => `${settings.serverName}~${randomBytes(15).toString('base64url')}`;
  return http.io;
}

/** Connections that are on polling: by choice, before their upgrade, or because it does not get through. */
export function countPolling(io: ChatIo): number {
  let count = 0;
  for (const { conn } of io.of('/').sockets.values()) if (conn.transport.name === 'polling') count++;
  return count;
}

/** Decides at the handshake who a connection is; a refusal carries the coded error in `err.data`. */
export function identifyOnConnect(
  io: ChatIo,
  options: IdentityOptions,
  isBanned: (userId: string) => boolean,
  counters: Pick<Counters, 'refused'>,
): void {
  const taken = new WeakSet<object>();
  const refused = (error: ChatError): Error => {
    counters.refused[error.code]++;
    return Object.assign(new Error(error.message), { data: error.toWire() });
  };
  io.use((socket, next) => {
    // Stock clients connect once on a transport; thousands of CONNECT packets in one POST are an attack.
    if (taken.has(socket.conn)) return socket.conn.close();
    taken.add(socket.conn);
    arrivalOf(socket.handshake.auth, options).then(
      (arrival) => {
        socket.data = arrival;
        next(isBanned(arrival.user.id) ? refused(new ChatError('kicked')) : undefined);
      },
      (error: unknown) => {
        const refusal = error instanceof ChatError ? error : new ChatError('invalid');
        // After a refusal stock clients never come back by themselves, after a close they do. It comes too late for
        // a 503: the token is not in the handshake.
        const told = refused(refusal);
        if (codes[refusal.code].final) next(told);
        else socket.conn.close();
      },
    );
  });
}

async function arrivalOf(payload: unknown, options: IdentityOptions): Promise<Arrival> {
  const auth = validateAuth(payload);
  const rooms = new Map(
    Object.entries(auth.rooms ?? {}).map(([name, position]) => [roomName(name), position]),
  );
  return { ...(await identify(auth, options)), rooms };
}

/**
 * Closes every session after what is on its way to it, at Engine.IO level, so that clients come back. Those who
 * do not fetch it in time are left to `engine.close()`, which cuts them.
 */
export async function closeGently(io: ChatIo, withinMs: number): Promise<void> {
  const open = [...io.of('/').sockets.values()]
    .map(({ conn }) => conn)
    .filter(({ readyState }) => readyState === 'open');
  const closed = open.map(
    (session) => new Promise<void>((resolve) => session.once('close', () => resolve())),
  );
  for (const session of open) session.close();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
  await Promise.race([Promise.all(closed), late]);
  clearTimeout(timer);
}
