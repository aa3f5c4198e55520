import { Deadline, DeadlinePassed } from '../../src/deadline';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const never = (): Promise<never> => new Promise(() => undefined);
/** What became of it so far. */
function outcome(answer: Promise<unknown>): () => unknown {
  let became: unknown = 'waits';
  answer.then(
    (value) => (became = value),
    (error: unknown) => (became = error),
  );
  return () => became;
}

test('each waits as long as it may, whichever was asked first', async () => {
  const deadline = new Deadline();
  const late = outcome(deadline.within(1_000, never()));
  const early = outcome(deadline.within(100, never()));
  await jest.advanceTimersByTimeAsync(90);
  expect([late(), early()]).toEqual(['waits', 'waits']);
  await jest.advanceTimersByTimeAsync(20);
  expect([late(), early()]).toEqual(['waits', expect.any(DeadlinePassed)]);
  await jest.advanceTimersByTimeAsync(900);
  expect(late()).toBeInstanceOf(DeadlinePassed);
  const next = outcome(deadline.within(100, never()));
  await jest.advanceTimersByTimeAsync(110);
  expect(next()).toBeInstanceOf(DeadlinePassed);
});

test('an answer in time is the outcome, be it good or bad', async () => {
  const deadline = new Deadline();
  const good = outcome(deadline.within(100, Promise.resolve('good')));
  const bad = outcome(deadline.within(100, Promise.reject(new Error('bad'))));
  await jest.advanceTimersByTimeAsync(200);
  expect(good()).toBe('good');
  expect(bad()).toEqual(new Error('bad'));
  expect(jest.getTimerCount()).toBe(0);
});

test('an answer that arrived while the loop stood still wins', async () => {
  jest.useRealTimers();
  const deadline = new Deadline();
  const arrived = new Promise((resolve) => setImmediate(() => resolve('arrived')));
  const result = outcome(deadline.within(20, arrived));
  const until = performance.now() + 60;
  while (performance.now() < until);
  await new Promise((done) => setTimeout(done, 20));
  expect(result()).toBe('arrived');
});
