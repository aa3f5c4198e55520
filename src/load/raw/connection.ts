import { connect, type Socket } from 'node:net';
import { sourceAddress } from '../sources';

/** Where a server or nginx listens. */
export interface Target {
  host: string;
  port: number;
}

/** Undefined if it is not an address that raw sockets can talk to: http://host[:port] */
export function targetOf(text: string): Target | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') return undefined;
  // Without asking the system: there are thousands of connections, and each needs a source address of this kind.
  const host = url.hostname === 'localhost' ? '127.0.0.1' : url.hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(url.port || 80) };
}

/** An Engine.IO packet: `start` is where its type stands. The bytes are valid during the call only. */
export type OnPacket = (bytes: Buffer, start: number, end: number) => void;

/** A way to a server, by WebSocket or polling. */
export interface Link {
  /** Engine.IO packets as text; what is asked for at once goes out in this order. */
  send(packet: string): void;
  /** Ends the connection without a word. */
  close(): void;
  /** Stops and begins to take what comes; missing: it cannot. */
  reads?(goesOn: boolean): void;
}

/** Who takes what comes over a link. `ended` is called once, with the reason in words. */
export interface Receiver {
  packet: OnPacket;
  ended: (reason: string) => void;
}

/**
 * One buffer for all sockets: what was read is worked off before the next socket is read, so nothing is allocated
 * for a read.
 */
const shared = Buffer.allocUnsafe(256 * 1_024);

/**
 * A TCP connection from the address of client number `index`. `read` gets all bytes that are not worked off yet and
 * returns how many it took.
 */
export function openSocket(
  { host, port }: Target,
  index: number,
  read: (bytes: Buffer) => number,
  ended: (reason: string) => void,
): Socket {
  let rest: Buffer | undefined;
  const callback = (length: number): boolean => {
    const fresh = shared.subarray(0, length);
    const bytes = rest ? Buffer.concat([rest, fresh]) : fresh;
    const taken = read(bytes);
    rest = taken === bytes.length ? undefined : Buffer.from(bytes.subarray(taken));
    return true;
  };
  const source = host.startsWith('127.') ? { localAddress: sourceAddress(index) } : {};
  const socket = connect({ host, port, ...source, noDelay: true, onread: { buffer: shared, callback } });
  let reason = 'the server closed the connection';
  socket.on('error', (error) => (reason = error.message));
  socket.on('close', () => ended(reason));
  return socket;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Where the body of an HTTP answer begins; -1 if its head is not whole. */
export function bodyStart(bytes: Buffer): number {
  const at = bytes.indexOf(HEAD_END);
  return at === -1 ? -1 : at + HEAD_END.length;
}

export const hostHeader = ({ host, port }: Target): string =>
  `Host: ${host.includes(':') ? `[${host}]` : host}:${port}`;
