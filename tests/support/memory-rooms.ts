import { newCounters } from '../../src/server/flow/counters';
import { Rooms } from '../../src/server/flow/rooms';
import { Slices } from '../../src/server/flow/slices';
import type { Report } from '../../src/server/flow/types';
import type { RoomLog } from '../../src/server/roomlog/types';
import { memoryEncode } from './memory-connection';

/** The rooms of a server that has nothing in its outbox. */
export function memoryRooms(log: RoomLog, report: Report, slices = new Slices()): Rooms {
  const nothing = (): void => undefined;
  const pending = (): [] => [];
  return new Rooms({
    log,
    encode: memoryEncode,
    slices,
    counters: newCounters(),
    load: { busy: 0 },
    pending,
    taken: nothing,
    restarted: nothing,
    report,
  });
}
