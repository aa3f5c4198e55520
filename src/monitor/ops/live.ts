import { ratesBetween } from '../../fleet/server-status';
import type { Live, LiveRedis, LiveServer } from '../../protocol/ops';
import { skewAmong } from '../skew';
import type { Look, ServerLook } from './look';

/** Finding it out again for each look would cost more than the look. */
const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions();

/** Pure but for the time zone: what two looks in a row say of the moment. */
export function liveOf(before: Look | undefined, now: Look): Live {
  const seconds = before && (now.clock - before.clock) / 1_000;
  const servers = now.servers.map((server) => {
    const same = before?.servers.find(({ name }) => name === server.name);
    return liveServer(same, server, seconds);
  });
  const skew = skewAmong(
    servers.flatMap(({ name, connections }) => (connections === undefined ? [] : [{ name, connections }])),
  );
  return {
    ...{ at: now.at, zone, servers },
    ...(skew && { skewed: skew.server }),
    redis: liveRedis(before?.redis, now.redis, seconds),
  };
}

function liveServer(
  before: ServerLook | undefined,
  { name, port, stats, process }: ServerLook,
  seconds = 0,
): LiveServer {
  const cpu = cpuBetween(before?.process, process, seconds);
  const seen = {
    name,
    port,
    ...(cpu !== undefined && { cpu }),
    ...(process && { memoryBytes: process.memoryBytes }),
  };
  if (!stats) return { ...seen, state: process ? 'no answer' : 'down' };
  const rates = before?.stats && ratesBetween(before.stats, stats, seconds);
  const { state, connections, rooms, queued, loop, startedAt } = stats;
  return {
    ...seen,
    state,
    connections,
    rooms,
    queued,
    loop,
    startedAt,
    ...(rates && { calls: rates.calls, deliveries: rates.deliveries }),
  };
}

function cpuBetween(before: ServerLook['process'], now: ServerLook['process'], seconds: number) {
  if (!before || !now || before.pid !== now.pid || before.start !== now.start) return undefined;
  return (now.cpuMs - before.cpuMs) / (10 * seconds);
}

function liveRedis(before: Look['redis'], now: Look['redis'], seconds = 0): LiveRedis {
  if (!now) return { up: false };
  const seen = {
    up: true,
    memoryBytes: Number(now['used_memory']),
    memoryLimitBytes: Number(now['maxmemory'] ?? 0),
    clients: Number(now['connected_clients']),
    outputBufferBytes: Number(now['client_recent_max_output_buffer'] ?? 0),
  };
  if (!before || before['run_id'] !== now['run_id']) return seen;
  return { ...seen, cpu: (100 * (redisCpuSeconds(now) - redisCpuSeconds(before))) / seconds };
}

/** Pure: all that Redis has computed since its start. */
export function redisCpuSeconds(facts: Record<string, string>): number {
  return Number(facts['used_cpu_user']) + Number(facts['used_cpu_sys']);
}
