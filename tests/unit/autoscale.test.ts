import { rehearsalText } from '../../src/cli/autoscale';
import { rehearse } from '../../src/monitor/model/autoscale';
import type { Observation } from '../../src/monitor/model/observation';
import { ko } from '../../src/monitor/words/ko';
import { HOUR_MS } from '../../src/usage/hours';

/** One delivery a second is one percent. */
const cost = { atRest: 0, micros: { deliveries: 10_000 }, explained: 1, knee: null, saturated: [] };
const hours = (...percents: number[]): Observation[] =>
  percents.map((percent, i) => ({
    hour: i * HOUR_MS,
    servers: 1,
    cpu: percent,
    busiest: percent,
    rates: { deliveries: percent, calls: null, connects: null },
  }));
const run = (percents: number[], min = 1, max = 4) => rehearse(hours(...percents), { cost }, { min, max })!;

test('[REPORT-19] it adds servers at once, and takes one away after two quiet hours', () => {
  const { steps, lateHours } = run([10, 150, 150, 50, 50, 50, 50]);
  expect(steps.map(({ at, from, to, why }) => [at / HOUR_MS, from, to, why])).toEqual([
    [2, 1, 3, 'load'],
    [5, 3, 2, 'quiet'],
    [6, 2, 1, 'quiet'],
  ]);
  expect(steps[0]).toMatchObject({ cpuBefore: 150, cpuAfter: 50 });
  expect(lateHours).toEqual([HOUR_MS]); // nobody knew before
});

test('[REPORT-19] it stays between least and most, and says when more were needed', () => {
  const { steps, lateHours } = run([500, 500, 0, 0, 0, 0, 0, 0], 2, 4);
  expect(steps.map(({ from, to, atMost }) => [from, to, atMost])).toEqual([
    [2, 4, true],
    [4, 3, false],
    [3, 2, false],
  ]);
  expect(lateHours).toHaveLength(2);
  expect(run([0, 0, 0], 2, 4).steps).toEqual([]);
});

test('[REPORT-19] one quiet hour between busy ones changes nothing, and what it saves is against the peak all day', () => {
  const { steps, serverHours, serverHoursFixed } = run([100, 100, 10, 100, 10, 100]);
  expect(steps).toHaveLength(1);
  expect({ serverHours, serverHoursFixed }).toEqual({ serverHours: 11, serverHoursFixed: 12 });
});

test('[REPORT-19] [REPORT-21] each step has its reason in words, in Korean too; without a cost there is none', () => {
  const text = rehearsalText(run([10, 500, 50, 50, 50]), { min: 1, max: 4 });
  expect(text).toMatch(/1 -> 4 {2}CPU of a server was 500 %, would be 125 % {2}more were needed than the 4 allowed/);
  expect(text).toMatch(/4 -> 3 {2}quiet: with one fewer CPU is 17 %/);
  expect(text).toContain('late in 1 of them');
  expect(text).toContain('Nothing was changed.');
  expect(rehearsalText(run([1, 1]), { min: 1, max: 4 })).toContain('Nothing: the number of servers would have stayed.');
  const korean = rehearsalText(run([10, 500, 50, 50, 50]), { min: 1, max: 4 }, ko);
  expect(korean).toMatch(/1 -> 4 {2}서버 한 대의 CPU 500 %, 조절하면 125 % {2}허용된 4대보다 더 필요했습니다/);
  expect(korean).not.toMatch(/[a-z]{3,} [a-z]{3,}/);
  expect(rehearse(hours(1, 2), { cost: null }, { min: 1, max: 2 })).toBeUndefined();
}); // prettier-ignore
