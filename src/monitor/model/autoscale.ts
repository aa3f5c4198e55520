import { HOUR_MS } from '../../usage/hours';
import { loadPercent } from './cost';
import type { Analysis } from './analysis';
import { TARGET } from './need';
import type { Observation } from './observation';

/** A change of the number of servers that would have been made. */
export interface Step {
  /** The end of the hour that asked for it, ms since 1970. */
  at: number;
  from: number;
  to: number;
  /** CPU of a server, in percent of one core, in that hour, with the servers there were and with those there would be. */
  cpuBefore: number;
  cpuAfter: number;
  /** `load`: the hour asked for more. `quiet`: it was quiet for long enough. */
  why: 'load' | 'quiet';
  /** More was asked for than the most that is allowed. */
  atMost: boolean;
}

/** What scaling by itself would have done. */
export interface Rehearsal {
  steps: Step[];
  /** Servers times hours: with it, and with as many as the busiest hour needed all the time. */
  serverHours: number;
  serverHoursFixed: number;
  /** Hours in which there would have been too few, because it looks back: the load was there before the servers. */
  lateHours: number[];
  /** Hours known well enough. */
  hours: number;
}

/** It waits so many quiet hours before it takes servers away: every change makes people reconnect. */
export const QUIET_HOURS = 2;

/**
 * Pure: goes through the hours as they came, knowing only those before, and keeps CPU at 60 % of what a server can do.
 * More servers at once, fewer one by one. Undefined where the load does not explain the CPU: there is nothing to go by.
 */
export function rehearse(
  observations: Observation[],
  { cost }: Pick<Analysis, 'cost'>,
  { min, max }: { min: number; max: number },
): Rehearsal | undefined {
  if (!cost) return undefined;
  const end = cost.knee ?? 100;
  const cpuWith = (each: Observation, servers: number): number =>
    cost.atRest + loadPercent(cost, each.rates) / servers;
  const needed = (each: Observation): number =>
    Math.max(1, Math.ceil(loadPercent(cost, each.rates) / Math.max(1, TARGET * end - cost.atRest) - 1e-9));
  const allowed = (servers: number): number => Math.min(max, Math.max(min, servers));
  let [servers, quiet] = [min, 0];
  const result: Rehearsal = {
    steps: [],
    serverHours: 0,
    serverHoursFixed: 0,
    lateHours: [],
    hours: observations.length,
  };
  for (const each of observations) {
    result.serverHours += servers;
    if (cpuWith(each, servers) > end) result.lateHours.push(each.hour);
    const wanted = allowed(needed(each));
    quiet = wanted < servers ? quiet + 1 : 0;
    const next = wanted > servers ? wanted : quiet >= QUIET_HOURS ? servers - 1 : servers;
    if (next === servers) continue;
    result.steps.push({
      at: each.hour + HOUR_MS,
      from: servers,
      to: next,
      cpuBefore: cpuWith(each, servers),
      cpuAfter: cpuWith(each, next),
      why: next > servers ? 'load' : 'quiet',
      atMost: next > servers && needed(each) > max,
    });
    servers = next;
  }
  result.serverHoursFixed = observations.length * allowed(Math.max(...observations.map(needed)));
  return result;
}
