import { ChatError } from '../../src/protocol/codes';
import type { Commit } from '../../src/server/flow/commit';
import { Flusher } from '../../src/server/flow/flush';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { MemoryOutbox } from '../support/memory-outbox';
import { bodies } from '../support/open-log';

/** A log that notes how many calls are under way at once. */
class BusyLog {
  readonly rooms: string[] = [];
  most = 0;
  onWritable = (): void => undefined;
  private underWay = 0;

  constructor(private readonly refuses: (room: string) => boolean = () => false) {}

  writable = (): boolean => true;
  writesSome = (): boolean => true;

  commit: Commit = async (room, all) => {
    this.most = Math.max(this.most, ++this.underWay);
    await new Promise((done) => setImmediate(done));
    this.underWay--;
    if (this.refuses(room)) throw new ChatError('unavailable');
    this.rooms.push(room);
    return all.map(({ at }) => ({ status: 'new', epoch: 'e', seq: 1, at }));
  };
}

function setUp(log: BusyLog) {
  const outbox = new MemoryOutbox();
  const flusher = new Flusher({ log, outbox, commit: log.commit, report: () => undefined });
  onCleanup(() => flusher.stop());
  return { outbox, flusher };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `room-${i}`);

test('[REDIS-12] what waits for many rooms is appended a few rooms at a time', async () => {
  const log = new BusyLog();
  const { outbox } = setUp(log);
  const [body] = bodies(1);
  await Promise.all(names(200).map((room) => outbox.add(room, body!)));
  await eventually(() => expect(log.rooms.sort()).toEqual(names(200).sort()));
  expect(log.most).toBeLessThanOrEqual(20);
});

test('[REDIS-11] a room that refuses rests, and the others are flushed', async () => {
  let refused = 0;
  const log = new BusyLog((room) => room === 'room-0' && ++refused > 0);
  const { outbox } = setUp(log);
  const [body] = bodies(1);
  for (const room of names(50)) await outbox.add(room, body!);
  await eventually(() => expect(log.rooms.sort()).toEqual(names(50).slice(1).sort()));
  expect(refused).toBe(1);
  expect(outbox.held.map(({ room }) => room)).toEqual(['room-0']);
});

test('[REDIS-12] a flusher that is stopped ends what is under way, and begins nothing more', async () => {
  const log = new BusyLog();
  const { outbox, flusher } = setUp(log);
  const [body] = bodies(1);
  await Promise.all(names(100).map((room) => outbox.add(room, body!)));
  const adding = outbox.add('late', body!);
  await flusher.stop();
  const { length } = log.rooms;
  await adding;
  await new Promise((done) => setTimeout(done, 50));
  expect(log.rooms).toHaveLength(length);
  expect(outbox.size).toBe(101 - length);
});

test('[OUTBOX-14] however much it holds', async () => {
  const log = new BusyLog((room) => room === 'broken');
  const { outbox } = setUp(log);
  const [body] = bodies(1);
  outbox.held = Array.from({ length: 10_001 }, (_, i) => ({
    ...{ room: 'broken', order: i },
    body: { ...body!, id: `m${i}` },
  }));
  await outbox.add('lobby', body!);
  await eventually(() => expect(log.rooms).toEqual(['lobby']));
  expect(outbox.size).toBe(10_001);
});
