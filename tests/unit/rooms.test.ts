import { ChatError } from '../../src/protocol/codes';
import type { LogSlice } from '../../src/server/roomlog/types';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { MemoryLog } from '../support/memory-log';
import { memoryRooms } from '../support/memory-rooms';
import { bodies } from '../support/open-log';

const DAMAGED = 'damaged';
const MANY = 500;

/** One room of it cannot be read any more, after it was opened. */
class DamagedLog extends MemoryLog {
  isDamaged = false;

  override async readAfter(room: string, after: number, limit: number): Promise<LogSlice> {
    if (this.isDamaged && room === DAMAGED) throw new ChatError('unavailable');
    return super.readAfter(room, after, limit);
  }
}

test('[REDIS-11] a room that cannot be read keeps no other from being brought up to date', async () => {
  const log = new DamagedLog();
  const rooms = memoryRooms(log, () => undefined);
  onCleanup(() => rooms.close());
  const feeds = [DAMAGED, ...Array.from({ length: MANY }, (_, i) => `room-${i}`)].map(
    (room) => rooms.get(room).feed,
  );
  await Promise.all(feeds.map((feed) => feed.open()));
  log.isDamaged = true;
  log.loses = () => true;
  await log.append('any', bodies(1));
  log.recover();
  await eventually(() => expect(feeds.slice(1).map(({ head }) => head)).toEqual(Array(MANY).fill(1)));
});
