import { redisAddresses } from './redis-addresses';
import type { Settings } from './settings';

/** Where everything of a fleet on one machine listens. */
export const LOOPBACK = '127.0.0.1';

export const isLoopback = (host: string): boolean => /^(::1|localhost|127\..*)$/.test(host);

/** This machine has chat servers and a monitor alone: nginx, and the Redis, are on another one. */
export function isJoined({ serverHost }: Pick<Settings, 'serverHost'>): boolean {
  return serverHost !== LOOPBACK;
}

/** Other machines can reach the Redis of this one, so that they can join. */
export function canBeJoined(settings: Pick<Settings, 'serverHost' | 'redisUrl' | 'redisBind'>): boolean {
  const { redisUrl, redisBind } = settings;
  if (isJoined(settings)) return false;
  if (redisUrl === '') return redisBind !== '';
  return !redisAddresses(redisUrl).some((address) =>
    isLoopback(new URL(address).hostname.replace(/^\[|\]$/g, '')),
  );
}
