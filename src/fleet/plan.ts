import { isIP } from 'node:net';
import type { LoadedSettings } from '../config/load-settings';
import { isJoined } from '../config/machines';
import { addressOf, hostName } from './address';
import { FleetError } from './errors';

/** What the fleet consists of. Lies in `var/fleet.json`; names and ports of the servers follow from it. */
export interface Plan {
  servers: number;
  /** Port of the first server; the others follow without a hole. */
  basePort: number;
  /** Address of this machine, from a second one on: names of servers begin with it, because they must differ over all. */
  address?: string;
  /** Ports of the servers where they are not simply the first ones: a deploy moves the hole. */
  ports?: number[];
  /** Ports of servers that go, or went: nginx brings their sessions to them, but nobody new. */
  leaving?: number[];
  /** Port of a server that a deploy starts beside the others; it takes the place of the last of them. */
  spare?: number;
  /** The build that the servers run, a folder under `var/releases`. */
  release?: string;
  /** What SERVERS said when the fleet was scaled to another number: it has been answered. */
  answered?: number;
}

export interface PlannedServer {
  name: string;
  port: number;
  /** Where it listens, if not on loopback: it is one of a joined host. */
  address?: string;
}

/** Names of the PM2 apps beside the servers. */
export const REDIS_APP = 'chat-redis';
export const NGINX_APP = 'chat-nginx';
export const MONITOR_APP = 'chat-monitor';

/** The one place that makes names and ports of a plan. */
export function serversOf(plan: Plan): PlannedServer[] {
  return portsOfServers(plan).map((port) => serverAt(plan, port));
}

/** Those that PM2 runs: a spare one takes nobody from nginx yet. */
export function startedOf(plan: Plan): PlannedServer[] {
  return [...serversOf(plan), ...(plan.spare === undefined ? [] : [serverAt(plan, plan.spare)])];
}

/** Servers that nginx knows only for the sessions that they may still have. */
export function leavingOf(plan: Plan): PlannedServer[] {
  return (plan.leaving ?? []).map((port) => serverAt(plan, port));
}

/** Pure: the server of a machine on this port. */
export function serverAt({ address }: Pick<Plan, 'address'>, port: number): PlannedServer {
  return address === undefined
    ? { name: `chat-${port}`, port }
    : { name: `${hostName(address)}.chat-${port}`, port, address };
}

function portsOfServers({ ports, basePort, servers }: Plan): number[] {
  return ports ?? firstPorts(basePort, servers);
}

const firstPorts = (basePort: number, servers: number): number[] =>
  Array.from({ length: servers }, (_, index) => basePort + index);

/** Pure: the plan with servers on these ports, and these going. */
export function withPorts(plan: Plan, ports: number[], leaving: number[]): Plan {
  const { ports: _, leaving: __, spare: ___, ...rest } = plan;
  const sorted = [...ports].sort((a, b) => a - b);
  const isPlain = firstPorts(plan.basePort, ports.length).every((port, index) => port === sorted[index]);
  return {
    ...rest,
    servers: ports.length,
    ...(!isPlain && { ports: sorted }),
    ...(leaving.length > 0 && { leaving }),
  };
}

/** Pure: the plan with this many servers. The others stay where they are; the last ones go, new ones fill holes. */
export function resized(plan: Plan, servers: number, taken: number[]): Plan {
  const now = portsOfServers(plan);
  const added = freePorts(plan, servers - now.length, taken);
  return withPorts(plan, [...now.slice(0, servers), ...added], now.slice(servers));
}

/** Pure: ports for further servers, the lowest first. */
export function freePorts(plan: Plan, count: number, taken: number[]): number[] {
  const used = new Set([...portsOfServers(plan), ...taken]);
  const free: number[] = [];
  for (let port = plan.basePort; free.length < count && port <= 65_535; port++)
    if (!used.has(port)) free.push(port);
  return free;
}

/** The server with this name, whether it is in a plan or not; undefined when no server can have it. */
export function serverNamed(name: string): PlannedServer | undefined {
  const [, host, port] = /^(?:([a-f0-9-]+)\.)?chat-(\d+)$/.exec(name) ?? [];
  const address = host === undefined ? undefined : addressOf(host);
  if (port === undefined || (host !== undefined && address === undefined)) return undefined;
  return { name, port: Number(port), ...(address !== undefined && { address }) };
}

/** Whether a PM2 app with this name can be one of ours: whatever the plan is now, or was. */
export function isFleetApp(name: string): boolean {
  return [REDIS_APP, NGINX_APP, MONITOR_APP].includes(name) || serverNamed(name) !== undefined;
}

/**
 * The plan to start with: the earlier one, except for what the operator set himself (in the environment
 * or in fleet.env), because what he typed last is what he expects to get. Throws FleetError.
 */
export function planFor({ settings, sources }: LoadedSettings, earlier?: Plan): Plan {
  const asks = (name: 'servers' | 'basePort'): boolean =>
    sources[name] !== 'default' && !(name === 'servers' && settings.servers === earlier?.answered);
  const pick = (name: 'servers' | 'basePort'): number =>
    earlier === undefined || asks(name) ? settings[name] : earlier[name];
  const [servers, basePort] = [pick('servers'), pick('basePort')];
  const isSame = earlier?.servers === servers && earlier.basePort === basePort;
  const joined = isJoined(settings);
  const { address: _, ...kept } = { ...(isSame ? earlier : withoutPorts(earlier)), servers, basePort };
  const plan: Plan = {
    ...kept,
    // Whatever the number is changed to later: this is not news then.
    ...(sources.servers !== 'default' && { answered: settings.servers }),
    ...(joined && { address: settings.serverHost }),
  };
  checkPorts(plan, [
    ...(joined ? [] : [['HTTP_PORT', settings.httpPort] as NamedPort]),
    ['OPS_PORT', settings.opsPort],
    ...(settings.redisUrl === '' ? [['REDIS_PORT', settings.redisPort] as NamedPort] : []),
  ]);
  return plan;
}

function withoutPorts(plan: Plan | undefined): Partial<Plan> {
  const { ports: _, leaving: __, spare: ___, answered: ____, ...rest } = plan ?? {};
  return rest;
}

export function samePlan(a: Plan, b: Plan): boolean {
  const names = (plan: Plan): string =>
    serversOf(plan)
      .map(({ name }) => name)
      .join();
  return a.basePort === b.basePort && names(a) === names(b);
}

/** Reads the text of `var/fleet.json`. Throws FleetError when it is not a plan. */
export function parsePlan(text: string): Plan {
  const plan = asPlan(text);
  if (plan) return plan;
  throw new FleetError(
    'precondition',
    'fleet.json is not a plan such as { "servers": 4, "basePort": 3001 }',
    'Nothing was changed.',
    'remove the file fleet.json under var/: it is made anew from the settings',
  );
}

function asPlan(text: string): Plan | undefined {
  try {
    const plan = JSON.parse(text) as Plan;
    const { servers, basePort, address, ports, leaving, spare, release, answered } = plan;
    const isRight =
      [servers, basePort, ...(ports ?? []), ...(leaving ?? [])].every(isPositive) &&
      (ports === undefined || ports.length === servers) &&
      [spare, answered].every((number) => number === undefined || isPositive(number)) &&
      (address === undefined || isIP(address) !== 0) &&
      (release === undefined || /^[a-z0-9-]+$/.test(release));
    return isRight ? plan : undefined;
  } catch {
    return undefined;
  }
}

const isPositive = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0;

type NamedPort = [setting: string, port: number];

function checkPorts(plan: Plan, others: NamedPort[]): void {
  const ports = portsOfServers(plan);
  const last = Math.max(...ports);
  const inside = others.find(([, port]) => ports.includes(port));
  const twice = others.find(([, port], i) => others.findIndex((other) => other[1] === port) < i);
  const clash =
    last > 65_535
      ? 'the ports end at 65535'
      : inside
        ? `${inside[0]}=${inside[1]} is one of them`
        : twice
          ? `${namesOf(others, twice[1])} are both ${twice[1]}`
          : undefined;
  if (clash === undefined) return;
  throw new FleetError(
    'precondition',
    `${plan.servers} servers need the ports ${plan.basePort} to ${last}, but ${clash}`,
    'Nothing was changed.',
    'set BASE_PORT, HTTP_PORT, OPS_PORT or REDIS_PORT in fleet.env to other ports',
  );
}

function namesOf(ports: NamedPort[], wanted: number): string {
  return ports.flatMap(([name, port]) => (port === wanted ? [name] : [])).join(' and ');
}
