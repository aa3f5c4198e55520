import { isIP } from 'node:net';
import { LOOPBACK } from '../config/machines';
import type { PlannedServer } from './plan';

type Where = Pick<PlannedServer, 'address' | 'port'>;

/** Pure: a machine is called by its address, with what names may have: 10.0.0.2 is `10-0-0-2`. */
export const hostName = (address: string): string => address.replace(/[.:]/g, '-');

/** Pure: the address of a machine with this name; undefined when none can have it. */
export function addressOf(host: string): string | undefined {
  return [host.replaceAll('-', '.'), host.replaceAll('-', ':')].find((address) => isIP(address) !== 0);
}

/** Pure: whether a joined host can have this address: nginx comes to it from another machine. */
export function canBeHost(address: string): boolean {
  return (
    isIP(address) !== 0 &&
    /^[\da-f.:]+$/.test(address) &&
    !/^(127\.0\.0\.1|0\.0\.0\.0|[0:]+1?)$/.test(address)
  );
}

/** Pure: whether a server with this name is one of the machine with this address; without one: of that with nginx. */
export function isOn(address: string | undefined, server: string): boolean {
  const [, host] = /^([^.]+)\./.exec(server) ?? [];
  return host === (address === undefined ? undefined : hostName(address));
}

/** Pure: where a server listens, as nginx and URLs write it. */
export function endpointOf({ address = LOOPBACK, port }: Where): string {
  return `${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
}

/** Pure: what a server itself is asked by, past nginx. */
export const serverUrl = (server: Where, path = ''): string => `http://${endpointOf(server)}${path}`;
