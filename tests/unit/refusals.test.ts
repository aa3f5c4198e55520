import { Refusals } from '../../src/server/edge/refusals';
import { Slices } from '../../src/server/flow/slices';

interface Who {
  name: string;
}

const flooder = { name: 'flooder' };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('[OVER-3] refusals are told together, those of a connection at once', () => {
  const told: unknown[] = [];
  const refusals = new Refusals<Who>(new Slices(), ({ name }, acks) => told.push([name, acks]));
  const [ann, ben] = [{ name: 'ann' }, { name: 'ben' }];
  for (const ack of [1, 2, 3]) for (const who of [ann, ben]) refusals.add(who, ack);
  jest.advanceTimersByTime(499);
  expect(told).toEqual([]);
  jest.advanceTimersByTime(1);
  jest.advanceTimersToNextTimer(); // the end of that turn
  const [both, later] = [['ann', 'ben'].map((name) => [name, [1, 2, 3]]), ['ann', [4]]];
  expect(told).toEqual(both);
  refusals.add(ann, 4);
  refusals.flush();
  expect(told).toEqual([...both, later]);
  expect(jest.getTimerCount()).toBe(0);
});

test.each([
  ['many', [1, 2, 3], (ack: number) => ({ name: `${ack}` })],
  ['one', Array.from({ length: 600 }, (_, i) => i), () => flooder],
])('[OVER-9] what a flood by %s is owed is told over several turns of the loop', (_, acks, who) => {
  const told: number[][] = [];
  const refusals = new Refusals<Who>(new Slices(0), (_, some) => told.push(some)); // one step a turn
  for (const ack of acks) refusals.add(who(ack), ack);
  jest.advanceTimersToNextTimer();
  const afterTurns = [1, 2, 3].map(() => {
    jest.advanceTimersToNextTimer();
    return told.length;
  });
  expect(afterTurns).toEqual([1, 2, 3]);
  expect(told.flat()).toEqual(acks);
});

test('[OVER-9] whoever is told all at once is told what a turn had left over, too', () => {
  const told: number[] = [];
  const refusals = new Refusals<Who>(new Slices(0), (_, acks) => told.push(...acks));
  for (const ack of [1, 2, 3]) refusals.add({ name: `${ack}` }, ack);
  jest.advanceTimersToNextTimer();
  jest.advanceTimersToNextTimer();
  refusals.flush();
  expect(told).toEqual([1, 2, 3]);
  jest.runAllTimers();
  expect(told).toEqual([1, 2, 3]);
});
