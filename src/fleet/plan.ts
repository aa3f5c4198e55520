import type { LoadedSettings } from '../config/load-settings';
import { FleetError } from './errors';

/** What the fleet consists of. Lies in `var/fleet.json`; names and ports of the servers follow from it. */
export interface Plan {
  servers: number;
  /** Port of the first server; the others follow without a hole. */
  basePort: number;
  /** Name of this machine, from a second one on: server names must differ over the whole fleet. */
  host?: string;
}

export interface PlannedServer {
  name: string;
  port: number;
}

/** Names of the PM2 apps beside the servers. */
export const REDIS_APP = 'chat-redis';
export const NGINX_APP = 'chat-nginx';
export const MONITOR_APP = 'chat-monitor';

/** The one place that makes names and ports of a plan. */
export function serversOf(plan: Plan): PlannedServer[] {
  const prefix = plan.host === undefined ? '' : `${plan.host}.`;
  return Array.from({ length: plan.servers }, (_, index) => {
    const port = plan.basePort + index;
    return { name: `${prefix}chat-${port}`, port };
  });
}

/** Whether a PM2 app with this name can be one of ours: whatever the plan is now, or was. */
export function isFleetApp(name: string): boolean {
  return [REDIS_APP, NGINX_APP, MONITOR_APP].includes(name) || /^([a-z0-9-]+\.)?chat-\d+$/.test(name);
}

/**
 * The plan to start with: the earlier one, except for what the operator set himself (in the environment
 * or in fleet.env), because what he typed last is what he expects to get. Throws FleetError.
 */
export function planFor({ settings, sources }: LoadedSettings, earlier?: Plan): Plan {
  const pick = (name: 'servers' | 'basePort'): number =>
    earlier === undefined || sources[name] !== 'default' ? settings[name] : earlier[name];
  const plan: Plan = { ...earlier, servers: pick('servers'), basePort: pick('basePort') };
  checkPorts(plan, [
    ['HTTP_PORT', settings.httpPort],
    ['OPS_PORT', settings.opsPort],
    ...(settings.redisUrl === '' ? [['REDIS_PORT', settings.redisPort] as NamedPort] : []),
  ]);
  return plan;
}

export function samePlan(a: Plan, b: Plan): boolean {
  return a.servers === b.servers && a.basePort === b.basePort && a.host === b.host;
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
    const { servers, basePort, host } = JSON.parse(text) as Partial<Plan>;
    const whole = Number.isInteger(servers) && Number.isInteger(basePort) && servers! > 0 && basePort! > 0;
    if (!whole || (host !== undefined && !/^[a-z0-9-]+$/.test(host))) return undefined;
    return { servers: servers!, basePort: basePort!, ...(host === undefined ? {} : { host }) };
  } catch {
    return undefined;
  }
}

type NamedPort = [setting: string, port: number];

function checkPorts(plan: Plan, others: NamedPort[]): void {
  const last = plan.basePort + plan.servers - 1;
  const inside = others.find(([, port]) => port >= plan.basePort && port <= last);
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
