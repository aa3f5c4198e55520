import { Refusals } from '../../src/server/edge/refusals';
import { Slices } from '../../src/server/flow/slices';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('[OVER-3] refusals are told together, those of a connection in a row', () => {
  const refusals = new Refusals(new Slices());
  const [ann, ben] = [{}, {}];
  const told: string[] = [];
  for (const i of [1, 2, 3])
    for (const [who, name] of [
      [ann, 'ann'],
      [ben, 'ben'],
    ] as const)
      refusals.add(who, () => told.push(`${name} ${i}`));
  jest.advanceTimersByTime(499);
  expect(told).toEqual([]);
  jest.advanceTimersByTime(1);
  jest.advanceTimersToNextTimer(); // the end of that turn
  expect(told).toEqual(['ann 1', 'ann 2', 'ann 3', 'ben 1', 'ben 2', 'ben 3']);
  refusals.add(ann, () => told.push('later'));
  refusals.flush();
  expect(told.at(-1)).toBe('later');
  expect(jest.getTimerCount()).toBe(0);
});

test('[OVER-9] what a flood is owed is told over several turns of the loop', () => {
  const refusals = new Refusals(new Slices(0)); // one step a turn
  const told: number[] = [];
  const [ann, ben] = [{}, {}];
  for (const i of [1, 2]) refusals.add(ann, () => told.push(i));
  refusals.add(ben, () => told.push(3));
  jest.advanceTimersToNextTimer();
  const afterTurns = [1, 2, 3].map(() => {
    jest.advanceTimersToNextTimer();
    return told.length;
  });
  expect(afterTurns).toEqual([1, 2, 3]);
});

test('[OVER-9] whoever is told all at once is told what a turn had left over, too', () => {
  const refusals = new Refusals(new Slices(0));
  const told: number[] = [];
  for (const i of [1, 2, 3]) refusals.add({}, () => told.push(i));
  jest.advanceTimersToNextTimer();
  jest.advanceTimersToNextTimer();
  refusals.flush();
  expect(told).toEqual([1, 2, 3]);
  jest.runAllTimers();
  expect(told).toEqual([1, 2, 3]);
});
