import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { sameSecret } from '../../config/secrets';
import type { History, Live, Range, Verdict } from '../../protocol/ops';
import { ranges } from '../../protocol/ops';
import type { Words } from '../words/en';
import { languages, wordsIn, type Language } from '../words/languages';
import { findPage } from './pages';

export interface OpsSource {
  /** undefined: nothing has been seen yet. */
  live: () => Live | undefined;
  history: (range: Range) => Promise<History>;
  verdict: (range: Range, words: Words) => Promise<Verdict>;
  metrics: () => Promise<string>;
}

export interface OpsOptions extends OpsSource {
  token: string;
  /** Folder of the built page. */
  pages: string;
}

/** A browser has six, Prometheus one; the record needs its descriptors. */
const MAX_CONNECTIONS = 64;
const SLOW_MS = 5_000;

const headers = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

const range = { type: 'string', enum: ranges } as const;
const lang = { type: 'string', enum: languages } as const;

/** What the monitor shows, for this machine alone: the operator's page and its figures, and `/metrics`. */
export function createOps(options: OpsOptions): FastifyInstance {
  const http = Fastify({
    forceCloseConnections: true,
    requestTimeout: SLOW_MS,
    connectionTimeout: 2 * SLOW_MS,
    keepAliveTimeout: SLOW_MS,
    bodyLimit: 1,
    ajv: { customOptions: { removeAdditional: false } },
  });
  http.server.maxConnections = MAX_CONNECTIONS;
  http.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    if (!isLocal(request.headers.host)) return reply.code(421).send({ message: 'ask for 127.0.0.1' });
  });
  http.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) console.error(error);
    return reply.code(status).send({ message: status >= 500 ? 'it failed; see the log' : error.message });
  });
  openRoutes(http, options);
  http.register(async (closed) => {
    closed.addHook('onRequest', requireToken(options.token));
    closedRoutes(closed, options);
  });
  return http;
}

function openRoutes(http: FastifyInstance, { metrics, pages }: OpsOptions): void {
  http.get('/livez', () => ({ state: 'ok' }));
  http.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  );
  http.get('/', (_request, reply) => reply.redirect('/ops'));
  http.get('/ops', (_request, reply) => page(reply, pages, 'ops.html'));
  http.get<{ Params: { '*': string } }>('/*', ({ params }, reply) => page(reply, pages, params['*']));
}

function closedRoutes(http: FastifyInstance, { live, history, verdict }: OpsSource): void {
  http.get('/ops/live', (_request, reply) => {
    const seen = live();
    return seen ? reply.send(seen) : reply.code(503).header('retry-after', 1).send();
  });
  http.get<{ Querystring: { range: Range } }>(
    '/ops/history',
    { schema: { querystring: { type: 'object', required: ['range'], properties: { range } } } },
    ({ query }) => history(query.range),
  );
  http.get<{ Querystring: { range: Range; lang: Language } }>(
    '/ops/verdict',
    { schema: { querystring: { type: 'object', required: ['range', 'lang'], properties: { range, lang } } } },
    ({ query }) => verdict(query.range, wordsIn[query.lang]),
  );
}

function page(reply: FastifyReply, folder: string, name: string): FastifyReply {
  const found = findPage(folder, name);
  if (!found) return reply.code(404).send({ message: 'there is no such page' });
  if (found.lasting) reply.header('cache-control', 'max-age=31536000, immutable');
  return reply.type(found.type).send(found.content);
}

function requireToken(token: string) {
  return async ({ headers: { authorization = '' } }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (sameSecret(authorization, `Bearer ${token}`)) return;
    return reply.code(401).header('www-authenticate', 'Bearer').send({ message: 'npx fleet ops' });
  };
}

/** A foreign page whose name was made to lead here has its own name in the request. */
function isLocal(host = ''): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/.test(host);
}
