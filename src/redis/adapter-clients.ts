import type { Subscription } from './connection';
import type { Redis } from './redis';

type Listener = Subscription['listener'];

/**
 * The two clients that @socket.io/redis-adapter asks for, on top of guarded connections. The adapter
 * drops the promises of `publish` and `subscribe`: given bare clients, the death of Redis ends the
 * process by an unhandled rejection. What it carries (typing, presence, admin calls) may be lost.
 *
 * In a cluster all servers meet at the shard that has `key`, though a publication goes to every node: so each one
 * is counted who listens.
 */
export function adapterClients(redis: Redis, key: string) {
  const kept = new Map<Listener, Subscription[]>();
  const keep = (kind: Subscription['kind'], channels: string | string[], listener: Listener): void => {
    const subscription = { kind, channels: [channels].flat(), listener, key };
    kept.set(listener, [...(kept.get(listener) ?? []), subscription]);
    redis.keepSubscribed(subscription);
  };
  const drop = (_channels: string, listener: Listener): void => {
    for (const subscription of kept.get(listener) ?? []) redis.unsubscribe(subscription);
    kept.delete(listener);
  };
  const ignore = (): void => undefined;
  const events = { on: ignore, off: ignore };

  return {
    key,
    pub: {
      ...events,
      // Their presence tells the adapter that this is node-redis; it looks for one here, for the other there.
      pSubscribe: ignore,
      sSubscribe: ignore,
      publish: (channel: string, message: string | Buffer): Promise<unknown> =>
        redis.run(key, (client) => client.publish(channel, message)).catch(ignore),
      sendCommand: (args: string[]): Promise<unknown> => redis.run(key, (client) => client.sendCommand(args)),
    },
    sub: {
      ...events,
      pSubscribe: (pattern: string, listener: Listener) => keep('pattern', pattern, listener),
      subscribe: (channels: string | string[], listener: Listener) => keep('plain', channels, listener),
      pUnsubscribe: drop,
      unsubscribe: drop,
    },
  };
}
