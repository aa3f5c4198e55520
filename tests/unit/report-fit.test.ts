import fc from 'fast-check';
import { correlationOf, nonNegativeFit } from '../../src/monitor/model/least-squares';

/** Rates are counts by seconds: never so small that a coefficient could not be written down. */
const cell = fc.integer({ min: 0, max: 1_000_000 }).map((count) => count / 1_000);
const problem = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 30 }),
    costs: fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: width, maxLength: width }),
    noise: fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { minLength: 30, maxLength: 30 }),
    other: fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: width, maxLength: width }),
  }),
);
const times = (rows: number[][], costs: number[]) =>
  rows.map((row) => row.reduce((sum, value, i) => sum + value * costs[i]!, 0));
const errorOf = (rows: number[][], y: number[], costs: number[]) =>
  times(rows, costs).reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0);
const size = (y: number[]) => y.reduce((sum, value) => sum + value ** 2, 0);

test('[REPORT-10] without noise the fit is exact', () => {
  fc.assert(
    fc.property(problem, ({ rows, costs }) => {
      const y = times(rows, costs);
      expect(errorOf(rows, y, nonNegativeFit(rows, y))).toBeLessThanOrEqual(1e-6 * (size(y) + 1e-9));
    }),
  );
});

test('[REPORT-10] no coefficient is below zero, and no others without one come nearer', () => {
  fc.assert(
    fc.property(problem, ({ rows, costs, noise, other }) => {
      const y = times(rows, costs).map((value, i) => value + noise[i]!);
      const fit = nonNegativeFit(rows, y);
      expect(Math.min(...fit)).toBeGreaterThanOrEqual(0);
      const error = errorOf(rows, y, fit);
      const slack = 1e-6 * (size(y) + 1);
      for (const rival of [other, costs, costs.map(() => 0), fit.map((value) => value * 1.01)])
        expect(error).toBeLessThanOrEqual(errorOf(rows, y, rival) + slack);
    }),
  );
});

test('[REPORT-10] neither the order of hours nor the unit of a column changes what the fit says', () => {
  fc.assert(
    fc.property(problem, fc.integer({ min: 1, max: 1_000 }), ({ rows, costs, noise }, unit) => {
      const y = times(rows, costs).map((value, i) => value + noise[i]!);
      const error = errorOf(rows, y, nonNegativeFit(rows, y));
      const slack = 1e-6 * (size(y) + 1);
      const turned = nonNegativeFit([...rows].reverse(), [...y].reverse());
      expect(Math.abs(errorOf(rows, y, turned) - error)).toBeLessThanOrEqual(slack);
      const scaled = rows.map((row) => row.map((value) => value * unit));
      const inUnits = nonNegativeFit(scaled, y);
      expect(Math.abs(errorOf(scaled, y, inUnits) - error)).toBeLessThanOrEqual(slack);
    }),
  );
});

test('[REPORT-10] a correlation is 1 with itself, -1 with its opposite, and of nothing that stays the same', () => {
  const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 50 }), fc.integer(), (a, factor, shift) => {
      const line = a.map((value) => value * factor + (shift % 1_000));
      const isFlat = new Set(a).size === 1;
      expect(correlationOf(a, line)).toEqual(isFlat ? null : expect.closeTo(1, 6));
      expect(correlationOf(a, line.map((value) => -value))).toEqual(isFlat ? null : expect.closeTo(-1, 6)); // prettier-ignore
    }),
  );
});
