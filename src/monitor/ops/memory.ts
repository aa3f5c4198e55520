import type { HistoryPoint, Live } from '../../protocol/ops';
import { HOUR_MS } from '../../usage/hours';

const WEEK_MS = 7 * 24 * HOUR_MS;
/** What is older than an hour is remembered once in this time. */
const COARSE_MS = 5 * 60_000;

/**
 * What was seen, since the monitor was started: an hour in full, and of Redis, which is in no record, a week. A store
 * that lasts is the record alone.
 */
export class Memory {
  private fine: HistoryPoint[] = [];
  private coarse: HistoryPoint[] = [];

  add(live: Live): void {
    const point = pointOf(live);
    this.fine = [...this.fine.filter(({ at }) => at > point.at - HOUR_MS), point];
    if (slot(point) === slot(this.coarse.at(-1))) return;
    this.coarse = [...this.coarse.filter(({ at }) => at > point.at - WEEK_MS), onlyRedis(point)];
  }

  /** In order of time; those of Redis alone before the others. */
  points(): HistoryPoint[] {
    const since = this.fine[0]?.at ?? Infinity;
    return [...this.coarse.filter(({ at }) => at < since), ...this.fine];
  }
}

const slot = (point: HistoryPoint | undefined): number => Math.floor((point?.at ?? -1) / COARSE_MS);

const onlyRedis = ({ at, redisCpu, redisMemoryBytes }: HistoryPoint): HistoryPoint => ({
  ...nothing(at),
  redisCpu,
  redisMemoryBytes,
});

/** Pure: a moment of which nothing is known. */
export function nothing(at: number): HistoryPoint {
  return {
    at,
    calls: null,
    deliveries: null,
    cpuAverage: null,
    cpuMaximum: null,
    delayMaxMs: null,
    connections: null,
    redisCpu: null,
    redisMemoryBytes: null,
  };
}

/** Pure: all servers together. */
export function pointOf({ at, servers, redis }: Live): HistoryPoint {
  const known = (of: (server: Live['servers'][number]) => number | undefined): number[] =>
    servers.map(of).filter((value) => value !== undefined);
  const cpu = known((server) => server.cpu);
  return {
    at,
    calls: sum(known(({ calls }) => calls)),
    deliveries: sum(known(({ deliveries }) => deliveries)),
    cpuAverage: average(cpu),
    cpuMaximum: highest(cpu),
    delayMaxMs: highest(known(({ loop }) => loop?.delayMaxMs)),
    connections: sum(known(({ connections }) => connections)),
    redisCpu: redis.cpu ?? null,
    redisMemoryBytes: redis.memoryBytes ?? null,
  };
}

/** Pure, as the others here: null of nothing. */
export function sum(values: number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
}

export function average(values: number[]): number | null {
  return values.length === 0 ? null : sum(values)! / values.length;
}

export function highest(values: number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}
