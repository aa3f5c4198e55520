import type { Check, ServerLook } from '../types';

const BUSY = 0.9;
/** From so many deliveries for a call on it is the delivering that costs. */
const FANS_OUT = 5;

const isSaturated = ({ stats, rates }: ServerLook): boolean =>
  stats !== undefined && rates !== undefined && stats.loop.utilization >= BUSY && rates.cpu >= 80;

export const fanOutSaturates: Check = {
  name: 'fan-out-saturates',
  title: 'No event loop is saturated',
  run: async ({ servers }) =>
    (await servers()).filter(isSaturated).map(({ name, stats, rates }) => {
      const figures = `${name}: event loop ${Math.round(stats!.loop.utilization * 100)} % busy, CPU ${Math.round(rates!.cpu)} %`;
      const byFanOut = rates!.deliveries >= FANS_OUT * Math.max(1, rates!.calls);
      return byFanOut
        ? {
            what: `${figures}, by fan-out: ${Math.round(rates!.deliveries)} deliveries a second`,
            advice: 'more servers help: npx fleet report says how many',
          }
        : {
            what: `${figures}, at ${Math.round(rates!.calls)} calls and ${Math.round(rates!.deliveries)} deliveries a second`,
            advice: 'npx fleet report; if load does not explain it, take a profile: node --cpu-prof',
          };
    }),
};
