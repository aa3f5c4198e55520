import { getHeapStatistics } from 'node:v8';
import type { ServerStats } from '../protocol/stats';
import type { Gauge } from './edge/load';
import { countPolling, type ChatIo } from './edge/sockets';
import type { Vitals } from './edge/vitals';
import { allCalls, type Counters } from './flow/counters';
import type { Rooms } from './flow/rooms';
import type { Outbox } from './outbox/types';
import type { RoomLog } from './roomlog/types';

/** The parts of a server that it tells of. */
export interface Told extends Pick<ServerStats, 'name' | 'startedAt' | 'state'> {
  io: ChatIo;
  rooms: Pick<Rooms, 'size'>;
  outbox: Pick<Outbox, 'size'>;
  log: Pick<RoomLog, 'available' | 'writable'>;
  counters: Counters;
  load: Pick<Gauge, 'sheds'>;
  vitals: Pick<Vitals, 'loop'>;
}

/** What a server tells its operator of itself. */
export function statsOf({
  name,
  startedAt,
  state,
  io,
  rooms,
  outbox,
  log,
  counters,
  load,
  vitals,
}: Told): ServerStats {
  const { user, system } = process.cpuUsage();
  const { used_heap_size: heap, heap_size_limit: most } = getHeapStatistics();
  return {
    name,
    pid: process.pid,
    state,
    connections: io.engine.clientsCount,
    polling: countPolling(io),
    rooms: rooms.size,
    queued: outbox.size,
    calls: allCalls(counters),
    callsByEvent: { ...counters.calls },
    connects: counters.connects,
    deliveries: counters.deliveries,
    sheds: (['typing', 'presence'] as const).filter((what) => load.sheds(what)),
    deaf: log.writable() && !log.available(),
    refused: counters.refused.overloaded,
    refusedByCode: { ...counters.refused },
    cpuMicros: user + system,
    memoryBytes: process.memoryUsage.rss(),
    heapShare: heap / most,
    loop: vitals.loop(),
    startedAt,
  };
}
