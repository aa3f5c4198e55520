import type { ServerStats } from '../protocol/stats';

const states: unknown[] = [
  'ok',
  'degraded',
  'overloaded',
  'bad',
  'draining',
] satisfies ServerStats['state'][];
const figures = [
  'pid',
  'connections',
  'rooms',
  'calls',
  'deliveries',
  'cpuMicros',
  'memoryBytes',
  'startedAt',
] as const satisfies (keyof ServerStats)[];
const vitals = ['utilization', 'delayP99Ms', 'delayMaxMs'] as const satisfies (keyof ServerStats['loop'])[];

/** Pure: whether this is what the server of that name says of itself; a port can belong to another program. */
export function isStatsOf(name: string, value: unknown): value is ServerStats {
  if (!isObject(value) || value.name !== name || !states.includes(value.state)) return false;
  const { loop } = value;
  return (
    figures.every((key) => isFigure(value[key])) &&
    isObject(loop) &&
    vitals.every((key) => isFigure(loop[key]))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isFigure(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
