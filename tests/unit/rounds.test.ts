import { every } from '../../src/rounds';

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

/** Instants at which it was called, ms after `start`. */
function called(everyMs: number): { at: number[]; end: () => void } {
  const start = performance.now();
  const at: number[] = [];
  return { at, end: every(everyMs, () => at.push(Math.round(performance.now() - start))) };
}

test('what is due in the same turn has one timer, whenever it was begun', () => {
  const [fast, slow] = [called(100), called(500)];
  jest.advanceTimersByTime(30);
  const late = called(100);
  expect(jest.getTimerCount()).toBe(1);
  jest.advanceTimersByTime(1_000);
  expect(fast.at).toHaveLength(10);
  expect(slow.at).toHaveLength(2);
  expect(late.at.map((ms) => ms + 30)).toEqual(fast.at);
  for (const at of slow.at) expect(fast.at).toContain(at);
  for (const { end } of [fast, slow, late]) end();
  expect(jest.getTimerCount()).toBe(0);
});

test('after a loop that stood still each is called once, and then in its time again', () => {
  const { at, end } = called(100);
  const now = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_050);
  jest.runOnlyPendingTimers();
  expect(at).toHaveLength(1);
  now.mockRestore();
  jest.advanceTimersByTime(1_500);
  const [first, ...more] = at.slice(1) as [number, ...number[]];
  expect(first).toBeGreaterThanOrEqual(1_050 + 50);
  expect(more.slice(0, 2)).toEqual([first + 100, first + 200]);
  end();
});

test('who was ended in the turn is not called in it', () => {
  const ends: (() => void)[] = [];
  let count = 0;
  for (let i = 0; i < 2; i++)
    ends.push(
      every(100, () => {
        count++;
        for (const end of ends) end();
      }),
    );
  jest.advanceTimersByTime(1_000);
  expect(count).toBe(1);
});
