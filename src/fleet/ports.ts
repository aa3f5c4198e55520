import { createServer } from 'node:net';
import { isJoined, LOOPBACK } from '../config/machines';
import type { Settings } from '../config/settings';
import { FleetError } from './errors';
import { freePorts, MONITOR_APP, NGINX_APP, REDIS_APP, serversOf, type Plan } from './plan';
import { until } from './probe';
import { commandOf, listenersOn } from './processes';

/** An app that started a moment ago may not listen yet. */
const LISTENS_WITHIN_MS = 5_000;

export interface AppPort {
  app: string;
  host: string;
  port: number;
  /** The setting that moves it. */
  setting: string;
}

/** Pure: which app listens where. */
export function portsOf(plan: Plan, settings: Settings): AppPort[] {
  const { redisUrl, redisPort, redisBind, serverHost, httpHost, httpPort, opsPort } = settings;
  const redis = { app: REDIS_APP, port: redisPort };
  return [
    ...(redisUrl === '' ? [{ ...redis, host: LOOPBACK, setting: 'REDIS_PORT' }] : []),
    ...(redisUrl === '' && redisBind !== '' ? [{ ...redis, host: redisBind, setting: 'REDIS_BIND' }] : []),
    ...serversOf(plan).map(({ name, port }) => ({ app: name, host: serverHost, port, setting: 'BASE_PORT' })),
    ...(isJoined(settings) ? [] : [{ app: NGINX_APP, host: httpHost, port: httpPort, setting: 'HTTP_PORT' }]),
    { app: MONITOR_APP, host: LOOPBACK, port: opsPort, setting: 'OPS_PORT' },
  ];
}

/** Ports that so many new servers cannot have, `known` ones and those of other programs among them. */
export async function takenPorts(
  plan: Plan,
  count: number,
  settings: Settings,
  known: number[],
): Promise<number[]> {
  const taken = [...portsOfHelpers(settings), ...known];
  const host = settings.serverHost;
  const tries = freePorts(plan, count, taken).map(async (port) => ({
    port,
    problem: await tryPort({ host, port }),
  }));
  const held = (await Promise.all(tries)).filter(({ problem }) => problem !== undefined);
  if (held.length === 0) return taken;
  return takenPorts(plan, count, settings, [...known, ...held.map(({ port }) => port)]);
}

function portsOfHelpers({ httpPort, opsPort, redisPort, redisUrl }: Settings): number[] {
  return redisUrl === '' ? [httpPort, opsPort, redisPort] : [httpPort, opsPort];
}

/** Throws FleetError, naming who holds them, unless all these ports can be listened on. */
export async function requireFreePorts(ports: AppPort[]): Promise<void> {
  const tries = await Promise.all(ports.map(async (port) => ({ port, problem: await tryPort(port) })));
  const [first, ...others] = tries.filter(({ problem }) => problem !== undefined);
  if (!first) return;
  const lines = [first, ...others].map(
    ({ port, problem }) => `port ${port.port} for ${port.app}: ${problem}`,
  );
  throw new FleetError(
    'precondition',
    `The fleet cannot listen on its ports:\n${lines.join('\n')}`,
    'Nothing was started.',
    `end what holds the port, or set ${first.port.setting} in fleet.env to another port; then: npm start`,
  );
}

/**
 * Throws FleetError when Redis, nginx or the monitor runs, but does not listen here: it was started with other settings.
 * (The servers' ports cannot differ: they come from the plan.)
 */
export async function requireUsedPorts(ports: AppPort[]): Promise<void> {
  for (const port of ports.filter(({ setting }) => setting !== 'BASE_PORT')) {
    const used = async (): Promise<boolean> => (await tryPort(port)) !== undefined;
    if (await until(used, LISTENS_WITHIN_MS)) continue;
    throw new FleetError(
      'precondition',
      `${port.app} runs, but not on port ${port.port}: it was started with another ${port.setting}`,
      'Nothing was changed, the fleet goes on.',
      `put ${port.setting} into fleet.env, where each start finds it; to apply it now: npm stop && npm start`,
    );
  }
}

function tryPort({ host, port }: Pick<AppPort, 'host' | 'port'>): Promise<string | undefined> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.once('error', (error: NodeJS.ErrnoException) => resolve(problemOf(error, port)));
    listener.listen({ host, port, exclusive: true }, () => listener.close(() => resolve(undefined)));
  });
}

function problemOf(error: NodeJS.ErrnoException, port: number): string {
  if (error.code !== 'EADDRINUSE') return error.message;
  const [holder] = listenersOn(port);
  return holder === undefined
    ? 'taken by a process that this user cannot see'
    : `taken by pid ${holder} (${commandOf(holder)})`;
}
