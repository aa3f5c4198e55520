import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sameSecret } from '../../config/secrets';
import type { BanList } from '../people/bans';
import type { Door, Move } from './door';
import type { Kicker } from './kick';

export interface OperatorDeps {
  /** What proves that it is the operator who asks; shared by the fleet. */
  secret: string;
  kicker: Kicker;
  bans: BanList;
  door: Door;
  /** People who are connected. */
  connections: () => number;
  moveAfterReloadMs: number;
}

const USER = { type: 'string', minLength: 1, maxLength: 256 } as const;
const closed = { type: 'object', additionalProperties: false } as const;
const kickBody = {
  ...closed,
  required: ['user'],
  properties: { user: USER, banMs: { type: 'integer', minimum: 0 } },
};
const unbanBody = { ...closed, required: ['user'], properties: { user: USER } };

const moveProperties = {
  withinMs: { type: 'integer', minimum: 0, maximum: 3_600_000 },
  reason: { type: 'string', pattern: '^[a-z_]{1,32}$' },
  server: { type: 'string', pattern: '^[a-z0-9.-]{1,64}$' },
} as const;
const drainBody = { ...closed, required: ['withinMs', 'reason'], properties: moveProperties };
const moveBody = {
  ...closed,
  required: ['count', 'withinMs', 'reason'],
  properties: { ...moveProperties, count: { type: 'integer', minimum: 0 } },
};
const reloadedBody = { ...closed, required: ['at'], properties: { at: { type: 'integer', minimum: 0 } } };

/**
 * What the `fleet` command asks of a server, on its own loopback port. Nobody gets here through nginx, and no page
 * of a browser on this machine either: it does not know the secret.
 */
export function operatorRoutes(http: FastifyInstance, deps: OperatorDeps): void {
  const { secret, kicker, bans, door } = deps;
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.headers['x-forwarded-for'] !== undefined) return reply.callNotFound();
    if (!sameSecret(request.headers.authorization ?? '', `Bearer ${secret}`)) return reply.code(401).send();
  };
  const unavailable = (reply: FastifyReply) => (): FastifyReply => reply.code(503).send();

  // `banMs` 0: for ever.
  http.post<{ Body: { user: string; banMs?: number } }>(
    '/operator/kick',
    { onRequest, schema: { body: kickBody } },
    async ({ body }, reply) => {
      const user = body.user.normalize('NFC');
      const { banMs } = body;
      const until = banMs ? Date.now() + banMs : 0;
      if (banMs === undefined) return { user, ...(await kicker.kick(user)) };
      return kicker.ban(user, until).then((kicked) => ({ user, ...kicked, until }), unavailable(reply));
    },
  );
  http.post<{ Body: { user: string } }>(
    '/operator/unban',
    { onRequest, schema: { body: unbanBody } },
    ({ body }, reply) => {
      const user = body.user.normalize('NFC');
      return kicker.unban(user).then((wasBanned) => ({ user, wasBanned }), unavailable(reply));
    },
  );
  const connections = (): { connections: number } => ({ connections: deps.connections() });
  http.post('/operator/close', { onRequest }, () => {
    door.close();
    return connections();
  });
  http.post('/operator/open', { onRequest }, () => {
    door.open();
    return connections();
  });
  http.post<{ Body: Move }>('/operator/drain', { onRequest, schema: { body: drainBody } }, ({ body }) => {
    void door.drain(body);
    return connections();
  });
  http.post<{ Body: Move & { count: number } }>(
    '/operator/move',
    { onRequest, schema: { body: moveBody } },
    ({ body: { count, ...move } }) => ({ asked: door.moveSome(count, move) }),
  );
  http.post<{ Body: { at: number } }>(
    '/operator/reloaded',
    { onRequest, schema: { body: reloadedBody } },
    ({ body }) => {
      door.afterReload(body.at, deps.moveAfterReloadMs);
      return connections();
    },
  );
  http.get('/operator/bans', { onRequest }, (_request, reply) =>
    bans.all().then((list) => ({ bans: list }), unavailable(reply)),
  );
}
