import { listenersOn } from '../fleet/processes';
import { sampleProcess, type ProcessSample } from '../fleet/process-sample';
import type { ServerStats } from '../protocol/stats';

/**
 * The process of a server: of which it told the pid, which it had before, or which holds its port. On Linux from
 * outside; elsewhere only what the server says itself.
 */
export function processOf(
  port: number,
  stats: ServerStats | undefined,
  before: ProcessSample | undefined,
): ProcessSample | undefined {
  if (process.platform !== 'linux') return stats && toldBy(stats);
  if (stats) return sampleProcess(stats.pid);
  const known = before && sampleProcess(before.pid);
  if (known && known.start === before.start) return known;
  const [holder] = listenersOn(port);
  return holder === undefined ? undefined : sampleProcess(holder);
}

function toldBy({ pid, startedAt, cpuMicros, memoryBytes }: ServerStats): ProcessSample {
  return { pid, start: startedAt, cpuMs: cpuMicros / 1_000, memoryBytes };
}
