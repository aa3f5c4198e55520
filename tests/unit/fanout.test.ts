import fc from 'fast-check';
import { Cursor } from '../../src/server/flow/cursor';
import { Cursors } from '../../src/server/flow/cursors';
import { Slices } from '../../src/server/flow/slices';
import type { Connection, Packet } from '../../src/server/flow/types';
import { windowMs } from '../../src/server/flow/window';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { MemoryConnection } from '../support/memory-connection';
import { MemoryLog } from '../support/memory-log';
import { memoryRooms } from '../support/memory-rooms';
import { bodies } from '../support/open-log';

const MEMBERS = 5_000;

/** Takes some time for each packet, as a socket does. */
class Member extends MemoryConnection {
  readonly packets: Packet[] = [];
  spinMs = 0;

  constructor(readonly id: string) {
    super();
  }

  send: Connection['send'] = () => undefined;

  override deliver(packet: Packet): void {
    const until = performance.now() + this.spinMs;
    while (performance.now() < until);
    this.packets.push(packet);
  }
}

async function roomOf(count: number) {
  const log = new MemoryLog();
  const rooms = memoryRooms(log, () => undefined);
  onCleanup(() => rooms.close());
  const fanout = rooms.get('room');
  await fanout.feed.open();
  const members = Array.from({ length: count }, (_, i) => new Member(String(i)));
  for (const member of members) {
    const cursor = new Cursor(member);
    fanout.add(cursor);
    fanout.start(cursor, { epoch: '1', seq: 0 });
  }
  return { log, members };
}

type Step = 'add' | 'next' | { remove: number };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(fc.constantFrom<Step>('add', 'next', 'next', 'next'), fc.record({ remove: fc.nat({ max: 30 }) })),
  { maxLength: 80 },
);

test('[FAN-2] a walk visits who is there from its beginning on once, and nobody who came later', () => {
  const newCursor = (): Cursor => new Cursor(new Member(''));
  const property = fc.property(fc.nat({ max: 12 }), steps, (count, script) => {
    const cursors = new Cursors();
    const all = Array.from({ length: count }, newCursor);
    for (const cursor of all) cursors.add(cursor);
    for (let round = 0; round < 2; round++) {
      cursors.begin();
      const due = new Set(cursors);
      const visit = (): boolean => {
        const cursor = cursors.next();
        expect(cursor === undefined || due.delete(cursor)).toBe(true);
        return cursor !== undefined;
      };
      for (const step of script) {
        if (step === 'add') cursors.add(all[all.push(newCursor()) - 1]!);
        else if (step === 'next') visit();
        else if (all.length > 0) {
          const [gone] = all.splice(step.remove % all.length, 1);
          cursors.remove(gone!);
          cursors.remove(gone!); // twice is as once
          due.delete(gone!);
        }
        expect(new Set(cursors)).toEqual(new Set(all));
      }
      while (visit());
      expect(due.size).toBe(0);
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test('[FAN-1] what goes to many is encoded once', async () => {
  const { log, members } = await roomOf(50);
  await log.append('room', bodies(3));
  await eventually(() => expect(members.every(({ packets }) => packets.length === 1)).toBe(true));
  expect(new Set(members.flatMap(({ packets }) => packets)).size).toBe(1);
});

test('[FAN-3] a flush over 5,000 connections lets the loop turn after every few of them', async () => {
  const { log, members } = await roomOf(MEMBERS);
  for (const member of members) member.spinMs = 0.02; // what a write costs
  let most = 0;
  let isDone = false;
  const count = (): number => members.reduce((sum, { packets }) => sum + packets.length, 0);
  await log.append('room', bodies(1));
  for (let before = 0; !isDone;) {
    await new Promise((done) => setImmediate(done));
    const now = count();
    most = Math.max(most, now - before);
    before = now;
    isDone = now === MEMBERS;
  }
  // Of 20 µs each, 10 ms are 500 on a machine of any speed: deliveries are counted, not time.
  expect(most).toBeLessThanOrEqual(500);
});

test('[FAN-3] work is done in turns: what is short does not wait for what is long', async () => {
  const slices = new Slices(0);
  const order: string[] = [];
  let left = 10;
  slices.add(() => {
    order.push('long');
    return --left > 0;
  });
  slices.add(() => {
    order.push('short');
    return false;
  });
  await eventually(() => expect(left).toBe(0));
  expect(order.indexOf('short')).toBe(1);
});

test('[FAN-4] the window grows with the room and the load, to 50 ms', () => {
  const calm = { load: 0.2, tookMs: 0 };
  expect(windowMs({ ...calm, members: 3 })).toBeLessThan(1);
  expect(windowMs({ ...calm, members: 20 })).toBeLessThanOrEqual(4);
  expect(windowMs({ ...calm, members: 500 })).toBe(50);
  expect(windowMs({ ...calm, members: 5_000 })).toBe(50);
  expect(windowMs({ members: 3, load: 1, tookMs: 0 })).toBe(50);
});

test('[FAN-4] a flush that took long is followed by a pause as long', () => {
  expect(windowMs({ members: 5_000, load: 0.2, tookMs: 80 })).toBe(160);
});
