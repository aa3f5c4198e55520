import { Agent, type ClientRequest } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * The address that client number `index` connects from: 127.A.B.1, one network for each client. nginx's
 * ip_hash looks at the first three octets only, so a crowd from 127.0.0.1 would land on one server.
 */
export function sourceAddress(index: number): string {
  return `127.${1 + (Math.floor(index / 256) % 254)}.${index % 256}.1`;
}

/** The connections of one client; to a server elsewhere they come from this machine's own address. */
export function agentFor(url: string, index: number): Agent {
  const { hostname } = new URL(url);
  const loopback = hostname === 'localhost' || hostname.startsWith('127.');
  return loopback ? agentFrom(sourceAddress(index)) : new HonestAgent({ keepAlive: true });
}

/** The connections of one client to this machine, from this address of it. */
export function agentFrom(localAddress: string): Agent {
  return new HonestAgent({ keepAlive: true, localAddress, family: 4, lookup: toLoopback });
}

/** "localhost" without asking the system: it is asked for each connection, and there are thousands. */
const toLoopback: LookupFunction = (_name, _options, found) => found(null, '127.0.0.1', 4);

/**
 * Hides that a connection is used again. Told so, xmlhttprequest-ssl 2.1.2 answers a reset by a second request
 * that it never ends: the client would hang instead of seeing an error.
 */
class HonestAgent extends Agent {
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    request.reusedSocket = false;
  }
}

/** Whether a request of this agent is still under way. */
export const busy = (agent: Agent): boolean => Object.keys(agent.sockets).length > 0;
