import { ChatError } from '../../src/protocol/codes';
import type { Entry } from '../../src/protocol/entries';
import { committer } from '../../src/server/flow/commit';
import { Recent } from '../../src/server/flow/recent';
import { onCleanup } from '../support/cleanup';
import { MemoryLog } from '../support/memory-log';
import { bodies } from '../support/open-log';

const KEEP_MS = 60_000;

class Restored {
  readonly entries: Entry[] = [];
  calls = 0;
  away = false;

  restore = async (_room: string, entries: Entry[]): Promise<void> => {
    this.calls++;
    if (this.away) throw new ChatError('unavailable');
    this.entries.push(...entries);
  };
}

function setUp() {
  const store = new Restored();
  const recent = new Recent(store, KEEP_MS);
  onCleanup(() => recent.close());
  return { store, recent };
}

test('[FORGET-7] what waited long in an outbox is known as long as anything else once it is in the log', async () => {
  const { store, recent } = setUp();
  const commit = committer(new MemoryLog(), recent, () => undefined);
  await commit('room', bodies(2, 'queued', Date.now() - 10 * KEEP_MS));
  await recent.offer();
  expect(store.entries.map(({ id }) => id)).toEqual(['queued 1', 'queued 2']);
});

test('[FORGET-8] what is known of all rooms together is bounded, and the newest is kept', async () => {
  const { store, recent } = setUp();
  const [body] = bodies(1);
  const text = 'x'.repeat(4_000);
  for (let i = 0; i < 20_000; i++)
    recent.take([{ ...body!, room: `room-${i % 10_000}`, epoch: 'e', seq: i, n: i, text, id: `${i}` }]);
  await recent.offer();
  expect(store.entries.length).toBeLessThan(10_000);
  expect(store.entries.map(({ id }) => id)).toContain('19999');
});

test('[FORGET-8] nothing is offered any more after it was closed', async () => {
  jest.useFakeTimers();
  try {
    const { store, recent } = setUp();
    store.away = true;
    recent.take([{ ...bodies(1)[0]!, room: 'room', epoch: 'e', seq: 1, n: 1 }]);
    recent.insist();
    recent.close();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(store.calls).toBe(1);
  } finally {
    jest.useRealTimers();
  }
});

test('[FORGET-1] what was lost is not pushed out by what a server reads of the new epoch', async () => {
  const { store, recent } = setUp();
  const all = bodies(1_100).map((body, i) => ({
    ...body,
    room: 'room',
    seq: i + 1,
    n: i + 1,
    at: body.at + i,
  }));
  const inEpoch = (epoch: string, from: number, to: number): Entry[] =>
    all.slice(from - 1, to).map((entry) => ({ ...entry, epoch }));
  recent.take(inEpoch('old', 1, 1_100));
  recent.take(inEpoch('new', 81, 1_080));
  await recent.offer();
  const lost = store.entries.filter(({ epoch }) => epoch === 'old').map(({ seq }) => seq);
  expect(lost).toEqual(Array.from({ length: 20 }, (_, i) => 1_081 + i));
});
