import { availableParallelism } from 'node:os';
import { percent } from '../../words/figures';
import type { Check } from '../types';

const FULL = 95;
const STOLEN = 10;

export const hostStarved: Check = {
  name: 'host-starved',
  title: (words) => words.hostStarved.title,
  run: async ({ host, servers }, { hostStarved: words }) => {
    const { busy, stolen } = await host();
    const ours =
      (await servers()).reduce((sum, { rates }) => sum + (rates?.cpu ?? 0), 0) / availableParallelism();
    return [
      ...(stolen < STOLEN ? [] : [words.stolen(percent(stolen))]),
      ...(busy < FULL || ours > busy / 2 ? [] : [words.busy(percent(busy), percent(ours))]),
    ];
  },
};
