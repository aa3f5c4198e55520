import fc from 'fast-check';
import { holds, parseAssert } from '../../src/load/raw/asserts';
import type { LoadResult } from '../../src/load/raw/run';

const latency = { p50: 10, p99: 150, p999: 300, max: 1_000, samples: 99 };
const result: LoadResult = {
  ...{
    sent: 100,
    acknowledged: 98,
    refused: 2,
    unanswered: 0,
    delivered: 980,
    missing: 0,
    gaps: 0,
    backwards: 1,
  },
  ...{ seqBreaks: 0, ended: 0, problems: [], delivery: { ...latency, p99: 90 }, ack: latency },
  ...{ seconds: 2, deliveriesInTime: 900, acksInTime: 80, generator: { cpu: 0.2, late: 1 } },
};
const judged = (text: string) => holds(parseAssert(text), result);

test('[BENCH-10] asserts are read with their units', () => {
  expect(parseAssert('ack.p99<200ms')).toMatchObject({ figure: 'ack.p99', compare: '<', bound: 200 });
  expect(parseAssert(' delivery.max <= 1.5s ')).toMatchObject({
    figure: 'delivery.max',
    compare: '<=',
    bound: 1_500,
  });
  expect(parseAssert('lost=0')).toMatchObject({ figure: 'lost', compare: '=', bound: 0 });
});

test.each([
  '',
  'ack.p99',
  'ack.p98<1ms',
  'ack.p99<200',
  'lost<1ms',
  'ack.p99=<1ms',
  'ack.p99<-1ms',
  'lost==0',
  'toString<1',
])('[BENCH-10] "%s" is wrong usage', (text) => expect(() => parseAssert(text)).toThrow());

test('[BENCH-10] whatever is typed is read, or told to be wrong', () => {
  const piece = fc.constantFrom('ack', '.', 'p99', '<', '=', '>', '20', 'ms', 's', ' ', 'lost', 'x', '-');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      try {
        expect(Number.isFinite(parseAssert(pieces.join('')).bound)).toBe(true);
      } catch (error) {
        expect((error as Error).message).toMatch(/needed|there is no figure|unit/);
      }
    }),
  );
});

test('[BENCH-10] they hold, or not', () => {
  expect(judged('ack.p99<200ms')).toEqual({ value: 150, ok: true });
  expect(judged('ack.p99<150ms').ok).toBe(false);
  expect(judged('ack.p99<=0.15s').ok).toBe(true);
  expect(judged('delivery.p99>0.1s')).toEqual({ value: 90, ok: false });
  expect(judged('deliveries>=450')).toEqual({ value: 450, ok: true });
  expect(judged('refused=0')).toEqual({ value: 2, ok: false });
  expect(judged('repeated<1').ok).toBe(false);
});

test('[BENCH-10] a time of which nothing was measured holds nowhere', () => {
  const none = { ...result, ack: { p50: 0, p99: 0, p999: 0, max: 0, samples: 0 } };
  expect(holds(parseAssert('ack.p99<200ms'), none).ok).toBe(false);
});
