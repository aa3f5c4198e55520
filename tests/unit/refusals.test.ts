import { Refusals } from '../../src/server/edge/refusals';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('[OVER-3] refusals are told together, those of a connection in a row', () => {
  const refusals = new Refusals();
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
  expect(told).toEqual(['ann 1', 'ann 2', 'ann 3', 'ben 1', 'ben 2', 'ben 3']);
  refusals.add(ann, () => told.push('later'));
  refusals.flush();
  expect(told.at(-1)).toBe('later');
  expect(jest.getTimerCount()).toBe(0);
});
