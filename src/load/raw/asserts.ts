import type { Latency } from './tally';
import type { LoadResult } from './run';

/** What is to hold of a load's result, such as `ack.p99<200ms`. */
export interface Assert {
  text: string;
  figure: string;
  compare: '<' | '<=' | '>' | '>=' | '=';
  /** In the unit of the figure: milliseconds, a second, or a count. */
  bound: number;
}

const latency = (
  name: string,
  of: (result: LoadResult) => Latency,
): [string, (result: LoadResult) => number][] =>
  (['p50', 'p99', 'p999', 'max'] as const).map((part) => [`${name}.${part}`, (result) => of(result)[part]]);

/** Everything that can be asserted, by its name. */
const figures = new Map<string, (result: LoadResult) => number>([
  ...latency('ack', ({ ack }) => ack),
  ...latency('delivery', ({ delivery }) => delivery),
  ['acks', ({ acksInTime, seconds }) => acksInTime / seconds],
  ['deliveries', ({ deliveriesInTime, seconds }) => deliveriesInTime / seconds],
  ['lost', ({ missing, gaps }) => Math.max(missing, gaps, 0)],
  ['repeated', ({ backwards }) => backwards],
  ['refused', ({ refused }) => refused],
  ['unanswered', ({ unanswered }) => unanswered],
  ['disconnected', ({ ended }) => ended],
]);

const isTime = (figure: string): boolean => /^(ack|delivery)\./.test(figure);
const FORM = /^\s*([a-z]+(?:\.[a-z0-9]+)?)\s*(<=|>=|<|>|=)\s*(\d+(?:\.\d+)?)\s*(ms|s|)\s*$/;

/** Pure: throws an Error whose message says what is expected. */
export function parseAssert(text: string): Assert {
  const [, figure, compare, bound, unit] = FORM.exec(text) ?? [];
  if (figure === undefined) throw new Error(`"${text}": something such as ack.p99<200ms is needed`);
  if (!figures.has(figure))
    throw new Error(`there is no figure ${figure}; there are ${[...figures.keys()].join(', ')}`);
  if (isTime(figure) !== (unit !== ''))
    throw new Error(isTime(figure) ? `${figure} needs a unit, ms or s` : `${figure} has no unit`);
  const factor = unit === 's' ? 1_000 : 1;
  return { text, figure, compare: compare as Assert['compare'], bound: Number(bound) * factor };
}

/** Pure: the figure of a result, and whether the assert holds. A time of which nothing was measured holds nowhere. */
export function holds(
  { figure, compare, bound }: Assert,
  result: LoadResult,
): { value: number; ok: boolean } {
  const value = figures.get(figure)!(result);
  if (isTime(figure) && result[figure.startsWith('ack') ? 'ack' : 'delivery'].samples === 0)
    return { value, ok: false };
  const ok = {
    '<': value < bound,
    '<=': value <= bound,
    '>': value > bound,
    '>=': value >= bound,
    '=': value === bound,
  }[compare];
  return { value, ok };
}
