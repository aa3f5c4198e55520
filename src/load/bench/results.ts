import type { LoadResult } from '../raw/run';
import { latencies, wasLate, type Figures, type Metric } from './measure';
import type { SideName } from './sides';

/** One line of the results: one run of one side. */
export interface Line {
  schema: 'chatfleet.bench/1';
  at: string;
  /** Of the table of shapes. */
  shape: string;
  side: SideName;
  /** Of several, from 1. */
  run: number;
  figures: Partial<Figures>;
  /** Why it does not count; empty if it does. */
  faults: string[];
  /** It could not keep up. */
  behind: boolean;
  generator: LoadResult['generator'];
  /** Of the machine when the run began: above its number of cores, others wanted them too. */
  loadAverage?: number;
}

export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** Pure: median and extremes; undefined of nothing. */
export function spreadOf(values: number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const last = sorted.length - 1;
  const median = (sorted[Math.floor(last / 2)]! + sorted[Math.ceil(last / 2)]!) / 2;
  return { median, least: sorted[0]!, most: sorted.at(-1)! };
}

/** Pure: a figure over all runs of a side that count. Latency only where the generator itself was in time. */
export function figure(lines: Line[], shape: string, side: SideName, metric: Metric): Spread | undefined {
  const usable = ({ faults, generator, figures }: Line): boolean =>
    faults.length === 0 && !(latencies.includes(metric) && wasLate(generator, figures.p99));
  const runs = lines.filter((line) => line.shape === shape && line.side === side && usable(line));
  // What is per delivery is nothing where nothing was delivered, and null in JSON.
  return spreadOf(runs.map(({ figures }) => figures[metric] ?? NaN).filter(Number.isFinite));
}
