import { isIP } from 'node:net';
import { redisAddresses } from './redis-addresses';

/** What the text of a setting means. Each throws an Error whose message says what is expected. */

/** How nginx chooses a server for a new session: by network, by number of connections, by address. */
export type Balance = 'ip_hash' | 'least_conn' | 'consistent';
export type Transport = 'polling' | 'websocket';

/** As long as what HS256 yields: RFC 7518 asks for that. */
const MIN_SECRET_BYTES = 32;

export const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new Error(`a whole number from ${min} to ${max}`);
    return value;
  };
export const port = whole(1, 65_535);
export const oneOf =
  <T extends string>(...values: T[]) =>
  (text: string): T => {
    const found = values.find((value) => value === text);
    if (found === undefined) throw new Error(`one of ${values.join(', ')}`);
    return found;
  };

export function address(text: string): string {
  if (isIP(text) === 0) throw new Error('an IP address');
  return text;
}

/** One that other machines can call: neither "all" nor one that only a link has. */
export function oneAddress(text: string): string {
  if (isIP(text) === 0 || /%|^(0\.0\.0\.0|[0:]+)$/.test(text))
    throw new Error('an IP address of this machine');
  return text;
}

export function addressOrNone(text: string): string {
  return text === '' ? '' : oneAddress(text);
}

/** IP addresses and networks such as 10.0.0.0/8. */
export function networks(text: string): string[] {
  const list = text.split(/[\s,]+/).filter(Boolean);
  for (const network of list) {
    const [host = '', bits = '0', ...more] = network.split('/');
    const most = isIP(host) === 6 ? 128 : 32;
    if (isIP(host) === 0 || !/^\d+$/.test(bits) || Number(bits) > most || more.length > 0)
      throw new Error('IP addresses or networks such as 10.0.0.0/8, separated by commas');
  }
  return list;
}

/** In nginx's configuration it stands in quotes. */
export function file(text: string): string {
  if (text !== '' && !/^\/[^"$\\\n]*$/.test(text))
    throw new Error('the absolute path of a file, without " $ \\');
  return text;
}

export function redisUrl(text: string): string {
  const addresses = redisAddresses(text);
  const isAddress = (address: string): boolean =>
    /^rediss?:\/\/[^\s]+$/.test(address) && URL.canParse(address);
  const isNode = (address: string): boolean => isAddress(address) && new URL(address).pathname === '';
  if (text !== '' && !addresses.every(addresses.length > 1 ? isNode : isAddress))
    throw new Error(
      'redis://[user:password@]host:port[/db], of a cluster redis://[user:password@]host:port,host:port, ' +
        'with / # ? of a password as %2F %23 %3F',
    );
  return text;
}

export function jwtSecret(text: string): string {
  if (text !== '' && Buffer.byteLength(text) < MIN_SECRET_BYTES)
    throw new Error(`at least ${MIN_SECRET_BYTES} bytes`);
  return text;
}

export function webAddress(text: string): string {
  if (text === '') return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new Error('https://host/path, without user and password');
  return text;
}

export function transports(text: string): Transport[] {
  if (text === 'websocket') return ['websocket'];
  if (/^(polling,\s*websocket|websocket,\s*polling)$/.test(text)) return ['polling', 'websocket'];
  throw new Error('polling,websocket or websocket');
}

export function origins(text: string): string[] {
  const list = text.split(/[\s,]+/).filter(Boolean);
  for (const origin of list) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new Error('origins such as https://chat.example.org, separated by commas');
    }
  }
  return list;
}
