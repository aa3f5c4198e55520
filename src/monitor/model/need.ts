import { loadPercent, type Cost } from './cost';
import { loads, type Load, type Observation } from './observation';

/** Share of what a server can do that the peak may take: the rest is for bursts within the hour. */
export const TARGET = 0.6;

/** Where the CPU was measured: at the servers, or over a whole host with whatever else runs there. */
export type CpuOf = 'server' | 'host';

/** How many servers the busiest hour needs. */
export interface Need {
  /** The hour that asked for the most. */
  peak: number;
  /** CPU that it asked for over all servers, in percent of one core. */
  peakPercent: number;
  /** What the peak had an hour, as far as it was counted. */
  peakLoad: Partial<Record<Load, number>>;
  /** Servers were at their end then: it may have asked for more than was counted. */
  atLeast: boolean;
  /** Load an hour, mixed as in the peak, at which one server is at its end. */
  saturation: Partial<Record<Load, number>>;
  /** Share of the CPU of the peak, 0 to 1, by cause. */
  shares: Partial<Record<Load | 'atRest', number>>;
  /** Servers that carry the peak at 60 %, and those that still do with one lost. */
  servers: number;
  withOneLost: number;
}

/**
 * Pure: what the peak needs, if load divides evenly over servers; undefined when nothing is to be carried, or a
 * server at rest already takes more than the target.
 */
export function needOf(cost: Cost, observations: Observation[], of: CpuOf): Need | undefined {
  // What a host does beside chat is not what another chat server would do.
  const atRest = of === 'host' ? 0 : cost.atRest;
  const end = (cost.knee ?? 100) - (of === 'host' && cost.knee !== null ? cost.atRest : 0);
  const percentOf = (each: Observation): number => loadPercent(cost, each.rates);
  const peak = observations.reduce((a, b) => (percentOf(b) > percentOf(a) ? b : a));
  const work = percentOf(peak);
  const room = TARGET * end - atRest;
  if (work <= 0 || room <= 0) return undefined;
  const servers = Math.ceil(work / room - 1e-9);
  const known = loads.filter((load) => peak.rates[load] !== null);
  const perHour = (factor: number): Need['peakLoad'] =>
    Object.fromEntries(known.map((load) => [load, peak.rates[load]! * 3_600 * factor]));
  return {
    peak: peak.hour,
    peakPercent: work + cost.atRest * peak.servers,
    peakLoad: perHour(1),
    atLeast: cost.saturated.includes(peak.hour),
    saturation: perHour((end - atRest) / work),
    shares: sharesOf(cost, peak),
    servers,
    withOneLost: servers + 1,
  };
}

function sharesOf(cost: Cost, { rates, servers }: Observation): Need['shares'] {
  const parts: [Load | 'atRest', number][] = [
    ...(Object.keys(cost.micros) as Load[]).map((load): [Load, number] => [
      load,
      loadPercent({ micros: { [load]: cost.micros[load]! } }, rates),
    ]),
    ['atRest', cost.atRest * servers],
  ];
  const total = parts.reduce((sum, [, percent]) => sum + percent, 0);
  return Object.fromEntries(parts.map(([cause, percent]) => [cause, percent / total]));
}
