import { connect, createServer } from 'node:net';
import { redisAddresses } from '../config/redis-addresses';
import { canBeHost } from './address';
import type { FleetError } from './errors';
import { refusedJoin } from './join-refusal';

const CONNECT_WITHIN_MS = 3_000;

/** The address of this machine from which it reaches a Redis. Throws FleetError when it does not. */
export function addressTowards(redis: string): Promise<string> {
  const { hostname, port } = new URL(redisAddresses(redis)[0]!);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port || 6379), timeout: CONNECT_WITHIN_MS }, () => {
      resolve(socket.localAddress!);
      socket.destroy();
    });
    const fail = (reason: string): void => {
      socket.destroy();
      reject(unreachable(`${host}:${port || 6379}`, reason));
    };
    socket.once('timeout', () => fail(`no answer within ${CONNECT_WITHIN_MS / 1_000} s`));
    socket.once('error', ({ message }) => fail(message));
  });
}

/** nginx comes by this address from another machine. */
export async function requireOwnAddress(address: string): Promise<void> {
  if (!canBeHost(address) || !(await canListenOn(address))) throw notOurs(address);
}

function canListenOn(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.once('error', () => resolve(false));
    listener.listen({ host, port: 0, exclusive: true }, () => listener.close(() => resolve(true)));
  });
}

function unreachable(where: string, reason: string): FleetError {
  return refusedJoin(
    `The Redis at ${where} cannot be reached: ${reason}`,
    'open the way (firewall, REDIS_BIND on the other machine)',
  );
}

function notOurs(address: string): FleetError {
  return refusedJoin(
    `${address} is not an address of this machine by which another one reaches it.`,
    'npx fleet join --redis ... --address ADDRESS, with one that `ip address` shows',
  );
}
