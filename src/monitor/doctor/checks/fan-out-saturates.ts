import { grouped, percent, share } from '../../words/figures';
import type { Check, ServerLook } from '../types';

const BUSY = 0.9;
/** From so many deliveries for a call on it is the delivering that costs. */
const FANS_OUT = 5;

const isSaturated = ({ stats, rates }: ServerLook): boolean =>
  stats !== undefined && rates !== undefined && stats.loop.utilization >= BUSY && rates.cpu >= 80;

export const fanOutSaturates: Check = {
  name: 'fan-out-saturates',
  title: (words) => words.fanOut.title,
  run: async ({ servers }, { fanOut: words }) =>
    (await servers()).filter(isSaturated).map(({ name, stats, rates }) => {
      const { calls, deliveries, cpu } = rates!;
      const busy = [share(stats!.loop.utilization), percent(cpu)] as const;
      return deliveries >= FANS_OUT * Math.max(1, calls)
        ? words.byFanOut(name, ...busy, grouped(deliveries))
        : words.byOther(name, ...busy, grouped(calls), grouped(deliveries));
    }),
};
