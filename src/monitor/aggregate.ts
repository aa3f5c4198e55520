import type { ServerStats } from '../protocol/stats';
import type { RecordLine } from './line';
import type { ProcessSample } from '../fleet/process-sample';

/** One look at one server. */
export interface Probe {
  /** ms of a clock that never goes back. */
  at: number;
  /** Missing: no answer in time. */
  stats: ServerStats | undefined;
  /** Missing: there is no process, or it cannot be seen. */
  process: ProcessSample | undefined;
}

const MB = 2 ** 20;
/** What lies between two probes counts as looked at for this long: a monitor that stood still did not look. */
const LOOK_MS = 10_000;

/**
 * Pure: the line of one server from the probes of an interval, at least one. `before` is the last probe of the
 * interval before: what the process has computed since then belongs to this one.
 */
export function lineOf(server: string, at: number, probes: Probe[], before?: Probe): RecordLine {
  const last = probes.at(-1)!;
  const all = before ? [before, ...probes] : probes;
  const answers = probes.flatMap(({ stats }) => stats ?? []);
  const loops = answers.map(({ loop }) => loop);
  const memory = probes.findLast((probe) => probe.process)?.process?.memoryBytes;
  return {
    at,
    server,
    pid: last.process?.pid ?? last.stats?.pid ?? null,
    ...cpu(all),
    memoryMb: memory === undefined ? null : rounded(memory / MB),
    connections: answers.at(-1)?.connections ?? null,
    loopPercent: average(loops.map(({ utilization }) => utilization * 100)),
    loopDelayP99Ms: highest(loops.map(({ delayP99Ms }) => delayP99Ms)),
    loopDelayMaxMs: highest(loops.map(({ delayMaxMs }) => delayMaxMs)),
    missed: probes.length - answers.length,
    seconds: lookedAt(all),
    state: last.stats?.state ?? 'no answer',
  };
}

function lookedAt(probes: Probe[]): number {
  const stretches = probes.slice(1).map(({ at }, i) => Math.min(at - probes[i]!.at, LOOK_MS));
  return Math.round(stretches.reduce((sum, ms) => sum + ms, 0) / 1_000);
}

function cpu(probes: Probe[]): Pick<RecordLine, 'cpuAverage' | 'cpuMaximum'> {
  const stretches = probes.slice(1).flatMap((probe, i) => {
    const [before, now] = [probes[i]!.process, probe.process];
    // A process that is new since the last look: nobody saw what it computed before.
    if (!before || !now || before.pid !== now.pid || before.start !== now.start) return [];
    return [{ computed: now.cpuMs - before.cpuMs, ms: probe.at - probes[i]!.at }];
  });
  const sum = (of: 'computed' | 'ms'): number => stretches.reduce((total, each) => total + each[of], 0);
  return {
    cpuAverage: stretches.length === 0 ? null : rounded((sum('computed') / sum('ms')) * 100),
    cpuMaximum: highest(stretches.map(({ computed, ms }) => (computed / ms) * 100)),
  };
}

function average(values: number[]): number | null {
  return values.length === 0 ? null : rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
}

function highest(values: number[]): number | null {
  return values.length === 0 ? null : rounded(Math.max(...values));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
