import { ChatError } from '../../src/protocol/codes';
import type { LogHead, LogSlice } from '../../src/server/roomlog/types';
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

/** Its rooms compare heads whenever they are told that it has recovered. */
class AskedLog extends MemoryLog {
  asked = 0;

  override heads(rooms: string[]): Promise<LogHead[]> {
    this.asked++;
    return super.heads(rooms);
  }

  async ask(away: boolean): Promise<void> {
    const before = this.asked;
    await eventually(() => {
      this.recover();
      this.away = away;
      expect(this.asked).toBeGreaterThan(before);
    });
    await new Promise((done) => setTimeout(done)); // after the answer
  }
}

test('[REDIS-14] an outage is reported once, however long it lasts, and so is the next one', async () => {
  const log = new AskedLog();
  const reported: string[] = [];
  const rooms = memoryRooms(log, (problem) => reported.push(problem));
  onCleanup(() => rooms.close());
  await rooms.get('any').feed.open();
  for (const outages of [1, 2]) {
    for (let time = 0; time < 3; time++) {
      await log.ask(true);
      expect(reported).toEqual(Array(outages).fill('heads of rooms could not be compared'));
    }
    await log.ask(false);
  }
});
