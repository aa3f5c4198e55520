import { LoadMeter } from '../../src/server/edge/load';

let looks = 0;
let meter: LoadMeter;

beforeEach(() => {
  jest.useFakeTimers();
  looks = 0;
  meter = new LoadMeter(() => looks++);
});
afterEach(() => {
  meter.stop();
  jest.useRealTimers();
});

const looksWithin = (ms: number): number => {
  const before = looks;
  jest.advanceTimersByTime(ms);
  return looks - before;
};

test('a loop that rests is looked at four times a second', () => {
  expect(looksWithin(1_000)).toBe(4);
});

test.each([
  ['sends', 50, () => void meter.refuses()],
  ['newcomers', 8, () => void meter.refusesNewcomer()],
])('and sooner when there are many %s', (_, many, comes) => {
  for (let i = 1; i < many; i++) comes();
  expect(looksWithin(20)).toBe(0);
  comes();
  expect(looksWithin(20)).toBe(1);
});
