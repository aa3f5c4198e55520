import { setTimeout as timer } from 'node:timers/promises';
import { watchVitals, type Vitals } from '../../src/server/edge/vitals';

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

test('a loop that stood still says so when its window ended before the histogram saw the freeze', async () => {
  // The histogram looks every 10 ms: a timer that is due earlier is served first, and with it all timers due by then.
  const served = timer(1);
  standStill(1_500);
  await served;
  const { delayP99Ms, delayMaxMs } = vitals.loop();
  expect(delayMaxMs).toBeGreaterThan(400);
  expect(delayP99Ms).toBeGreaterThan(400);
});
