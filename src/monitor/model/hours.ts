import { HOUR_MS } from '../../usage/hours';
import type { HourRow } from '../report';
import { loads, type Observation } from './observation';

/** An hour of which less than this share is known is left out. */
const KNOWN = 0.75;

/** Pure: the hours that are known well enough, in counts (made from `from` to `to`) and in CPU. */
export function observationsOf(rows: HourRow[], from: number, to: number): Observation[] {
  return rows.flatMap(({ hour, cpu, ...row }) => {
    const counted = Math.min(to, hour + HOUR_MS) - Math.max(from, hour);
    if (!cpu || counted < KNOWN * HOUR_MS || cpu.seconds * 1_000 < KNOWN * HOUR_MS) return [];
    if (loads.every((load) => row[load] === null)) return [];
    const rates = Object.fromEntries(
      loads.map((load) => [load, row[load] === null ? null : (row[load] * 1_000) / counted]),
    ) as Observation['rates'];
    return [{ hour, servers: cpu.servers, cpu: cpu.average, busiest: cpu.busiest.average, rates }];
  });
}
