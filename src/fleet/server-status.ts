import type { ServerStats } from '../protocol/stats';
import type { RunningApp } from './pm2';

/** One line of `fleet status`. What a server that does not answer would have said is missing. */
export interface ServerStatus {
  name: string;
  port: number;
  /** What the server says of itself; or "no answer"; or PM2's word for an app that does not run. */
  state: string;
  restarts: number;
  connections?: number;
  rooms?: number;
  /** Messages that wait on its disk until Redis takes them. */
  queued?: number;
  /** Calls in and deliveries out, each a second. */
  callsPerSecond?: number;
  deliveriesPerSecond?: number;
  /** Share of one core, in percent. */
  cpuPercent?: number;
  loopDelayP99Ms?: number;
  memoryBytes?: number;
  uptimeMs?: number;
}

/** Pure: the line of one server from two samples that lie this many seconds apart. */
export function serverStatus(
  { name, port }: { name: string; port: number },
  app: Pick<RunningApp, 'status' | 'restarts'> | undefined,
  [before, now]: [ServerStats | undefined, ServerStats | undefined],
  seconds: number,
): ServerStatus {
  const line = { name, port, restarts: app?.restarts ?? 0 };
  if (app?.status !== 'online') return { ...line, state: app?.status ?? 'down' };
  if (!now) return { ...line, state: 'no answer' };
  const rates = (before && ratesBetween(before, now, seconds)) ?? atRest;
  return {
    ...line,
    state: now.state,
    connections: now.connections,
    rooms: now.rooms,
    queued: now.queued,
    callsPerSecond: rates.calls,
    deliveriesPerSecond: rates.deliveries,
    cpuPercent: rates.cpu,
    loopDelayP99Ms: now.loop.delayP99Ms,
    memoryBytes: now.memoryBytes,
    uptimeMs: Date.now() - now.startedAt,
  };
}

/** Calls, deliveries and refusals a second, CPU in percent of one core. */
export interface Rates {
  calls: number;
  deliveries: number;
  refused: number;
  cpu: number;
}

const atRest: Rates = { calls: 0, deliveries: 0, refused: 0, cpu: 0 };

/** Pure: between two samples; undefined after a restart, when totals count from zero. */
export function ratesBetween(before: ServerStats, now: ServerStats, seconds: number): Rates | undefined {
  if (before.startedAt !== now.startedAt) return undefined;
  const rate = (total: 'calls' | 'deliveries' | 'refused' | 'cpuMicros'): number =>
    (now[total] - before[total]) / seconds;
  return {
    calls: rate('calls'),
    deliveries: rate('deliveries'),
    refused: rate('refused'),
    cpu: rate('cpuMicros') / 10_000,
  };
}

/** Pure: most connections on one server divided by the fair share. */
export function skewOf(connections: number[]): number | null {
  const total = connections.reduce((sum, count) => sum + count, 0);
  return total === 0 ? null : (Math.max(...connections) * connections.length) / total;
}
