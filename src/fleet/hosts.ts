import { join } from 'node:path';
import { canBeHost } from './address';
import { serverAt, type Plan, type PlannedServer } from './plan';
import { readText, writeText } from './text-file';

/** A machine that has joined, as the nginx side has to know it. */
export interface JoinedHost {
  address: string;
  /** Ports of its servers; of those that go, or went, and only have sessions. */
  ports: number[];
  leaving: number[];
}

/** No machine has more ports, and a list from elsewhere must not fill nginx.conf. */
const MOST_SERVERS = 256;

/** Pure: a host as text; equal hosts have equal texts. */
export const hostText = ({ address, ports, leaving }: JoinedHost): string =>
  JSON.stringify({ address, ports, leaving });

/**
 * Pure: the host that a text tells of, or undefined if it tells of none. What passes here gets into nginx.conf, so
 * nothing but addresses and ports may.
 */
export function parseHost(text: string): JoinedHost | undefined {
  try {
    return hostIn(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function hostIn(value: unknown): JoinedHost | undefined {
  const { address, ports, leaving } = (value ?? {}) as Record<string, unknown>;
  const isHost = typeof address === 'string' && canBeHost(address);
  return isHost && arePorts(ports) && arePorts(leaving) ? { address, ports, leaving } : undefined;
}

function arePorts(value: unknown): value is number[] {
  const isPort = (port: unknown): boolean =>
    Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;
  return Array.isArray(value) && value.length <= MOST_SERVERS && value.every(isPort);
}

/** Pure: all servers of these hosts. */
export function serversOfHosts(hosts: JoinedHost[]): { servers: PlannedServer[]; leaving: PlannedServer[] } {
  const at = (which: 'ports' | 'leaving') => (host: JoinedHost) =>
    host[which].map((port) => serverAt(host, port));
  return { servers: hosts.flatMap(at('ports')), leaving: hosts.flatMap(at('leaving')) };
}

/** Pure: this machine as a plan describes it. */
export function hostOf(
  { address, leaving = [] }: Plan & { address: string },
  servers: PlannedServer[],
): JoinedHost {
  return { address, ports: servers.map(({ port }) => port), leaving };
}

const hostsFile = (varDir: string): string => join(varDir, 'hosts.json');

/** The joined hosts that the nginx of this machine leads to; kept here, so that they are known without Redis. */
export function readHosts(varDir: string): JoinedHost[] {
  try {
    const hosts = JSON.parse(readText(hostsFile(varDir)) ?? '[]') as unknown[];
    return hosts.flatMap((host) => hostIn(host) ?? []);
  } catch {
    return []; // whoever is there tells again
  }
}

export function writeHosts(varDir: string, hosts: JoinedHost[]): void {
  if (hosts.length > 0 || readText(hostsFile(varDir)) !== undefined)
    writeText(hostsFile(varDir), `[${hosts.map(hostText).join(',\n')}]\n`);
}
