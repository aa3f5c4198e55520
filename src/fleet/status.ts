import { setTimeout as sleep } from 'node:timers/promises';
import { readSecrets } from '../config/secrets';
import { isJoined } from '../config/machines';
import type { Settings } from '../config/settings';
import { readHosts, serversOfHosts } from './hosts';
import { MONITOR_APP, NGINX_APP, REDIS_APP, serversOf, type Plan, type PlannedServer } from './plan';
import { listApps, oursAmong, type RunningApp } from './pm2';
import { answers, readStats, redisAnswers } from './probe';
import { recordedAt, recordGoesOn } from './record-folder';
import { serverStatus, skewOf, type ServerStatus } from './server-status';
import { baseUrl, fleetOf, opsUrl } from './url';

/** Redis, nginx or the monitor; the monitor has to write the record, and to show its page. */
export interface HelperStatus {
  name: string;
  port?: number;
  state: string;
  restarts: number;
  uptimeMs?: number;
}

/** The object that `fleet status --json` prints. Fields are only ever added. */
export interface FleetStatus {
  schema: 'fleet.status/1';
  at: number;
  /** Empty on a joined host: nginx is on another machine. */
  url: string;
  /** Only on a joined host: where the Redis of its fleet is. */
  joined?: string;
  /** Every app runs and every server is ok. */
  healthy: boolean;
  /** No app of the fleet runs at all. */
  down: boolean;
  servers: ServerStatus[];
  helpers: HelperStatus[];
  connections: number;
  /** Most connections on one server divided by the fair share; null while nobody is connected. */
  skew: number | null;
}

const SAMPLE_MS = 1_000;
/** A monitor that was started a moment ago shows its page later. */
const PAGE_WITHIN_MS = 30_000;

/** Looks at the whole fleet from outside; takes about a second, between the two samples that rates need. */
export async function readStatus(plan: Plan, settings: Settings): Promise<FleetStatus> {
  const { varDir } = settings;
  const own = serversOf(plan);
  const planned = [...own, ...serversOfHosts(readHosts(varDir)).servers];
  // Those of other machines want to know who asks; on a machine without secrets there are none.
  const secret = planned.length > own.length ? readSecrets(varDir).operatorSecret : undefined;
  const sample = () => Promise.all(planned.map((server) => readStats(server, undefined, secret)));
  const first = await sample();
  const firstAt = performance.now();
  const [apps] = await Promise.all([listApps(), first.some(Boolean) ? sleep(SAMPLE_MS) : undefined]);
  const second = await sample();
  const seconds = (performance.now() - firstAt) / 1000;
  const ours = oursAmong(apps, varDir);
  const appOf = (server: PlannedServer, i: number) =>
    i < own.length ? appNamed(ours, server.name) : elsewhere;
  const servers = planned.map((server, i) =>
    serverStatus(server, appOf(server, i), [first[i], second[i]], seconds),
  );
  return summary(settings, servers, await helpers(settings, ours));
}

/** Of a server that another machine's PM2 runs only its answers are known here. */
const elsewhere = { status: 'online', restarts: 0 };

async function helpers(settings: Settings, ours: RunningApp[]): Promise<HelperStatus[]> {
  const line = (name: string, problem: string | undefined, port?: number): HelperStatus => {
    const app = appNamed(ours, name);
    const helper = { name, ...(port !== undefined && { port }), restarts: app?.restarts ?? 0 };
    if (app?.status !== 'online') return { ...helper, state: app?.status ?? 'down' };
    return { ...helper, state: problem ?? 'ok', uptimeMs: Date.now() - app.startedAt };
  };
  const { redisPort, httpPort, opsPort, varDir, recordSeconds } = settings;
  const unless = (answered: boolean): string | undefined => (answered ? undefined : 'no answer');
  const nginx = isJoined(settings)
    ? []
    : [line(NGINX_APP, unless(await answers(`${baseUrl(settings)}livez`)), httpPort)];
  const monitorSince = appNamed(ours, MONITOR_APP)?.startedAt ?? 0;
  const recorded = recordGoesOn(monitorSince, recordedAt(varDir), recordSeconds * 1_000, Date.now());
  const shown = Date.now() - monitorSince < PAGE_WITHIN_MS || (await answers(`${opsUrl(opsPort)}livez`));
  const monitor = line(MONITOR_APP, !recorded ? 'no record' : shown ? undefined : 'no page', opsPort);
  if (settings.redisUrl !== '') return [...nginx, monitor];
  return [line(REDIS_APP, unless(await redisAnswers(redisPort)), redisPort), ...nginx, monitor];
}

function summary(settings: Settings, servers: ServerStatus[], helpers: HelperStatus[]): FleetStatus {
  const lines = [...servers, ...helpers];
  const connections = servers.map((server) => server.connections ?? 0);
  return {
    schema: 'fleet.status/1',
    at: Date.now(),
    url: isJoined(settings) ? '' : baseUrl(settings),
    ...(isJoined(settings) && { joined: fleetOf(settings) }),
    healthy: lines.every(({ state }) => state === 'ok'),
    down: lines.every(({ state }) => state === 'down'),
    servers,
    helpers,
    connections: connections.reduce((sum, count) => sum + count, 0),
    skew: skewOf(connections),
  };
}

function appNamed(apps: RunningApp[], wanted: string): RunningApp | undefined {
  return apps.find(({ name }) => name === wanted);
}
