import { newCounters } from '../../src/server/flow/counters';
import { Rooms } from '../../src/server/flow/rooms';
import type { Audiences, Report } from '../../src/server/flow/types';
import type { RoomLog } from '../../src/server/roomlog/types';

/** The rooms of a server that has nothing in its outbox. */
export function memoryRooms(log: RoomLog, audiences: Audiences, report: Report): Rooms {
  const nothing = (): void => undefined;
  const pending = (): [] => [];
  return new Rooms({
    log,
    audiences,
    counters: newCounters(),
    load: { busy: 0 },
    pending,
    taken: nothing,
    restarted: nothing,
    report,
  });
}
