import { setTimeout as timer } from 'node:timers/promises';
import { LoadMeter } from '../../src/server/edge/load';
import { watchVitals, type Vitals } from '../../src/server/edge/vitals';
import { eventually } from '../support/eventually';

let vitals: Vitals;

beforeEach(() => {
  vitals = watchVitals();
});
afterEach(() => {
  vitals.stop();
});

function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('a loop that stood still says so at once, before its timers have run again', () => {
  standStill(1_500);
  const { delayP99Ms, delayMaxMs } = vitals.loop();
  expect(delayMaxMs).toBeGreaterThan(400); // of 1,500 ms, the first 1,000 were a window
  expect(delayP99Ms).toBeGreaterThan(400);
});

test('a loop that stood still says so when its window ended before a look saw the freeze', async () => {
  // A timer that is due before a look is served first, and with it all timers due by then.
  const served = timer(1);
  standStill(1_500);
  await served;
  const { delayP99Ms, delayMaxMs } = vitals.loop();
  expect(delayMaxMs).toBeGreaterThan(400);
  expect(delayP99Ms).toBeGreaterThan(400);
});

test('one long turn is one late look, however many looks were due in it', async () => {
  const told: number[] = [];
  const meter = new LoadMeter((ms) => told.push(ms));
  for (let i = 0; i < 50; i++) meter.refuses(); // it looks closely
  standStill(600);
  await timer(1);
  expect(told.filter((ms) => ms > 100)).toHaveLength(1);
  meter.stop();
});

test('the share of the garbage collector is known after a second of it', async () => {
  expect(vitals.loop().gcShare).toBe(0);
  const kept: object[][] = [];
  const until = performance.now() + 1_200;
  while (performance.now() < until) {
    kept.push(Array.from({ length: 10_000 }, (_, i) => ({ i })));
    if (kept.length > 100) kept.length = 0;
  }
  await eventually(() => expect(vitals.loop().gcShare).toBeGreaterThan(0.01));
  expect(vitals.loop().gcShare).toBeLessThanOrEqual(1);
});
