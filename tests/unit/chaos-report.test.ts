import { passed, type Result } from '../../src/load/chaos/report';

const resultWith = (checked: object, stuck = 0): Result =>
  ({
    ...{ stuck, faults: 1 },
    checked: { violations: 0, unknown: 0, committed: 1, queued: 0, ...checked },
  }) as unknown as Result;

test('[CHAOS-1] a run fails by a violation, by who does not recover, and by a message that nobody answered', () => {
  expect(passed(resultWith({}))).toBe(true);
  expect(passed(resultWith({}, 1))).toBe(false);
  expect(passed(resultWith({ violations: 1 }))).toBe(false);
  expect(passed(resultWith({ unknown: 1 }))).toBe(false);
  expect(passed(resultWith({ committed: 0 }))).toBe(false);
});
