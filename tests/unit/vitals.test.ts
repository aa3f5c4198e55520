import { watchVitals, type Vitals } from '../../src/server/edge/vitals';

let vitals: Vitals;

beforeEach(() => {
  vitals = watchVitals();
});
afterEach(() => {
  vitals.stop();
});

test('a loop that stood still says so at once, before its timers have run again', () => {
  const until = performance.now() + 1_500;
  while (performance.now() < until);
  const { delayP99Ms, delayMaxMs } = vitals.loop();
  expect(delayMaxMs).toBeGreaterThan(400); // of 1,500 ms, the first 1,000 were a window
  expect(delayP99Ms).toBeGreaterThan(400);
});
