import Fastify, { LogController, type FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';
import { sameSecret } from '../../config/secrets';
import { CONTRACT_VERSION } from '../../protocol/limits';
import type { Health, ServerStats } from '../../protocol/stats';

export interface HttpOptions {
  logLevel: string;
  version: string;
  /** Where people sign in; empty if nowhere. */
  signInUrl: string;
  /** What proves that it is the operator who asks from another machine of the fleet. */
  operatorSecret: string;
  health: () => Health;
  stats: () => ServerStats;
}

// Longer than nginx keeps its idle connections, so that it never writes into one that is being closed.
const KEEP_ALIVE_MS = 75_000;

/** The HTTP side of a server: health for nginx and people, figures for the operator. */
export function createHttp(options: HttpOptions): FastifyInstance {
  const { logLevel, version, signInUrl, operatorSecret, health, stats } = options;
  const http = Fastify({
    logger: logLevel === 'silent' ? false : { level: logLevel },
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  http.get('/livez', () => ({ state: 'ok' }));
  http.get('/readyz', (_request, reply) => {
    const state = health();
    return reply.code(state === 'bad' ? 503 : 200).send({ state });
  });
  http.get('/version', () => ({ version, contract: CONTRACT_VERSION }));
  http.get('/sign-in', (_request, reply) =>
    signInUrl === '' ? reply.callNotFound() : reply.header('cache-control', 'no-store').redirect(signInUrl),
  );
  http.get('/stats', (request, reply) => {
    // Only for those who ask the server itself: nginx adds this header.
    const isPublic = request.headers['x-forwarded-for'] !== undefined;
    const isOperator = sameSecret(request.headers.authorization ?? '', `Bearer ${operatorSecret}`);
    return !isPublic && (isOperator || isOfHere(request.socket)) ? reply.send(stats()) : reply.callNotFound();
  });
  return http;
}

/** Whether somebody on this machine is at the other end. */
function isOfHere({ remoteAddress, localAddress }: Socket): boolean {
  return remoteAddress?.startsWith('127.') === true || remoteAddress === localAddress;
}
