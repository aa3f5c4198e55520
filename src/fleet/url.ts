import { redisAddresses } from '../config/redis-addresses';
import type { Settings } from '../config/settings';

type Where = Pick<Settings, 'httpHost' | 'httpPort' | 'tlsCert'>;

/** The address of the chat page as this machine reaches it, with a slash at the end. */
export function baseUrl({ httpHost, httpPort, tlsCert }: Where): string {
  const host = httpHost === '0.0.0.0' ? '127.0.0.1' : httpHost === '::' ? '::1' : httpHost;
  return `${tlsCert === '' ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${httpPort}/`;
}

/** Where the fleet is that a joined host belongs to: its Redis, without what opens it. */
export const fleetOf = ({ redisUrl }: Pick<Settings, 'redisUrl'>): string =>
  redisUrl === ''
    ? ''
    : redisAddresses(redisUrl)
        .map((address) => new URL(address).host)
        .join(',');

/** The address of what the monitor shows, on this machine alone, with a slash at the end. */
export function opsUrl(opsPort: number): string {
  return `http://127.0.0.1:${opsPort}/`;
}
