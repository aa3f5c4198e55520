import type { Tally } from './tally';

/** What had been counted at an instant; microseconds on the generator's clock, and of its CPU. */
export interface Counts {
  at: number;
  delivered: number;
  acks: number;
  cpu: number;
}

export function countsOf({ delivered, acknowledged }: Tally, at: number): Counts {
  const { user, system } = process.cpuUsage();
  return { at, delivered, acks: acknowledged, cpu: user + system };
}

/** What was counted between two instants; `cpu` as a share of a core. */
export function countedBetween(before: Counts, after: Counts) {
  const seconds = (after.at - before.at) / 1e6;
  return {
    seconds,
    deliveriesInTime: after.delivered - before.delivered,
    acksInTime: after.acks - before.acks,
    cpu: (after.cpu - before.cpu) / seconds / 1e6,
  };
}
