import type { ServerStats } from '../../src/protocol/stats';
import { newCounters } from '../../src/server/flow/counters';

/** What a server that is well says of itself. */
export const statsOf = (more: Partial<ServerStats> = {}): ServerStats => ({
  name: 'chat-3001',
  pid: 7,
  state: 'ok',
  connections: 5,
  polling: 0,
  rooms: 1,
  queued: 0,
  calls: 0,
  callsByEvent: newCounters().calls,
  connects: 0,
  deliveries: 0,
  refused: 0,
  sheds: [],
  deaf: false,
  refusedByCode: newCounters().refused,
  cpuMicros: 0,
  memoryBytes: 1,
  heapShare: 0.1,
  loop: { utilization: 0.5, delayP99Ms: 12, delayMaxMs: 20, gcShare: 0.01 },
  startedAt: 1,
  ...more,
});
