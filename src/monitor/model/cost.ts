import { nonNegativeFit } from './least-squares';
import type { Load, Observation } from './observation';

/** What the CPU of one server consists of. */
export interface Cost {
  /** Percent of one core that a server takes without any load. */
  atRest: number;
  /** Microseconds of CPU for one of each; only of what was known. */
  micros: Partial<Record<Load, number>>;
  /** Share of the changes of CPU that the load explains: 1 is all, 0 and less nothing. */
  explained: number;
  /** Percent at which CPU no longer grew with the load; null: that was not reached. */
  knee: number | null;
  /** Hours in which a server was at its end: they say "at least" only, and have no part in the fit. */
  saturated: number[];
}

/** From this share of the limit on an hour says only "at least". */
const FULL = 0.95;
/** Fewer hours than that below the limit are no base. */
export const MIN_HOURS = 8;
/** A knee below the limit must have that many hours on it, and their load must have asked for that much more ... */
const KNEE_HOURS = 3;
const ASKED_MORE = 1.15;
/** ... and it must take away that share of the error, or hours must pile up there: so many for one just below. */
const LEFT_ERROR = 0.7;
const PILE_HOURS = 5;
const PILE = 2;
const MAX_CANDIDATES = 24;

interface Fit {
  atRest: number;
  micros: Partial<Record<Load, number>>;
  cap: number;
  error: number;
  saturated: Observation[];
}

/**
 * Pure: the cost that fits best, `min(cap, at rest + load x cost)`; undefined with too few hours below the limit.
 * `limit` is the percent that a server cannot pass. Where CPU stops growing below it, that is found as the knee.
 */
export function costOf(observations: Observation[], loads: Load[], limit: number): Cost | undefined {
  const plain = fitBelow(observations, loads, limit, limit);
  const knees = plateaus(observations, limit)
    .map((cap) => fitBelow(observations, loads, cap, limit))
    .filter((fit): fit is Fit => fit !== undefined && isKnee(fit));
  const knee = knees.reduce<Fit | undefined>((a, b) => (a && a.error <= b.error ? a : b), undefined);
  const isSure = (fit: Fit): boolean =>
    plain === undefined || fit.error < (pilesUp(observations, fit.cap) ? 1 : LEFT_ERROR) * plain.error;
  const best = knee && isSure(knee) ? knee : plain;
  if (!best) return undefined;
  const mean = observations.reduce((sum, { cpu }) => sum + cpu, 0) / observations.length;
  const spread = observations.reduce((sum, { cpu }) => sum + (cpu - mean) ** 2, 0);
  return {
    atRest: best.atRest,
    micros: best.micros,
    explained: spread === 0 ? 0 : 1 - best.error / spread,
    knee: best === knee ? best.cap : null,
    saturated: best.saturated.map(({ hour }) => hour),
  };
}

/** 1 % of a core for a rate of one a second is 10 ms for one. */
const MICROS_PER_PERCENT = 10_000;

/** Pure: percent of one core that the load of an hour costs, over all servers and without what they take at rest. */
export function loadPercent({ micros }: Pick<Cost, 'micros'>, rates: Observation['rates']): number {
  return (Object.keys(micros) as Load[]).reduce(
    (sum, load) => sum + ((rates[load] ?? 0) * micros[load]!) / MICROS_PER_PERCENT,
    0,
  );
}

function fitBelow(all: Observation[], loads: Load[], cap: number, limit: number): Fit | undefined {
  const isFull = ({ cpu, busiest }: Observation): boolean => busiest >= FULL * limit || cpu >= FULL * cap;
  const below = all.filter((each) => !isFull(each));
  if (below.length < MIN_HOURS) return undefined;
  const [atRest, ...costs] = nonNegativeFit(
    below.map(({ rates, servers }) => [1, ...loads.map((load) => rates[load]! / servers)]),
    below.map(({ cpu }) => cpu),
  ) as [number, ...number[]];
  const micros = Object.fromEntries(loads.map((load, i) => [load, costs[i]! * MICROS_PER_PERCENT]));
  const error = all.reduce((sum, each) => {
    const predicted = Math.min(cap, asked({ atRest, micros }, each));
    return sum + (each.cpu - predicted) ** 2;
  }, 0);
  return { atRest, micros, cap, error, saturated: all.filter(isFull) };
}

function asked(cost: Pick<Cost, 'atRest' | 'micros'>, { rates, servers }: Observation): number {
  return cost.atRest + loadPercent(cost, rates) / servers;
}

function isKnee(fit: Fit): boolean {
  const { saturated, cap } = fit;
  const mean = saturated.reduce((sum, each) => sum + asked(fit, each), 0) / saturated.length;
  return saturated.length >= KNEE_HOURS && mean >= ASKED_MORE * cap;
}

function pilesUp(all: Observation[], cap: number): boolean {
  const count = (from: number, to: number): number =>
    all.filter(({ cpu }) => cpu >= from * cap && cpu < to * cap).length;
  return count(0.97, Infinity) >= Math.max(PILE_HOURS, PILE * count(0.85, 0.97));
}

/** Levels at which CPU may have stopped growing: the mean of the highest three hours, of more, up to half of them. */
function plateaus(observations: Observation[], limit: number): number[] {
  const values = observations.map(({ cpu }) => cpu).sort((a, b) => b - a);
  const most = Math.floor(values.length / 2);
  const step = Math.max(1, Math.ceil((most - KNEE_HOURS) / MAX_CANDIDATES));
  const levels: number[] = [];
  for (let count = KNEE_HOURS; count <= most; count += step)
    levels.push(values.slice(0, count).reduce((sum, value) => sum + value, 0) / count);
  return levels.filter((level) => level < FULL * limit);
}
