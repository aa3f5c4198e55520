import { Congestion } from '../../src/server/flow/congestion';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A store that works through so many entries a second, one call after the other, and how many it ever had at once. */
function slowStore(perSecond: number) {
  let busyUntil = 0;
  const store = { under: 0, most: 0, tookMs: [] as number[] };
  const call = async (size: number): Promise<void> => {
    const start = performance.now();
    busyUntil = Math.max(busyUntil, start) + (size * 1_000) / perSecond;
    store.under += size;
    store.most = Math.max(store.most, store.under);
    await new Promise((done) => setTimeout(done, busyUntil - start));
    store.under -= size;
    store.tookMs.push(performance.now() - start);
  };
  return { store, call };
}

test.each([500, 2_000, 20_000])(
  '[OVER-4] no call waits long in a store that takes %i entries a second, and it is never idle',
  async (perSecond) => {
    const congestion = new Congestion();
    const { store, call } = slowStore(perSecond);
    const all = Array.from({ length: 400 }, () => congestion.run(64, () => call(64)));
    const start = performance.now();
    let endedAt = 0;
    void Promise.all(all).then(() => (endedAt = performance.now()));
    await jest.advanceTimersByTimeAsync(60_000);
    expect(store.tookMs).toHaveLength(400);
    const settled = store.tookMs.slice(100).sort((a, b) => a - b);
    expect(settled[Math.floor(settled.length * 0.95)]).toBeLessThan(450);
    expect(endedAt - start).toBeLessThan(((400 * 64) / perSecond) * 1_000 * 1.1);
  },
);

test('[OVER-4] calls begin in the order of asking, and a failed one makes room', async () => {
  const congestion = new Congestion();
  const begun: number[] = [];
  const calls = Array.from({ length: 60 }, (_, i) =>
    congestion.run(64, async () => {
      begun.push(i);
      await new Promise((done) => setTimeout(done, 10));
      if (i % 2) throw new Error('no');
    }),
  );
  const outcomes = Promise.allSettled(calls);
  await jest.advanceTimersByTimeAsync(1_000);
  expect((await outcomes).filter(({ status }) => status === 'rejected')).toHaveLength(30);
  expect(begun).toEqual([...Array(60).keys()]);
});

test('[OVER-4] a store that is far away, but takes everything at once, holds nothing up', async () => {
  const congestion = new Congestion();
  const far = () => new Promise<void>((done) => setTimeout(done, 600));
  let ended = 0;
  for (let i = 0; i < 400; i++) void congestion.run(64, far).then(() => ended++);
  await jest.advanceTimersByTimeAsync(6_000);
  expect(ended).toBe(400);
});
