import { grouped, share } from '../../words/figures';
import type { Check } from '../types';

/** Some networks let nothing but polling through; where they are so many, something is wrong. */
const HIGH = 0.3;
const AT_LEAST = 20;

export const pollingShare: Check = {
  name: 'polling-share',
  title: (words) => words.pollingShare.title,
  run: async ({ servers }, { pollingShare: words }) => {
    const all = await servers();
    const total = all.reduce((sum, { stats }) => sum + (stats?.connections ?? 0), 0);
    // Everybody begins with it, for a moment.
    const polling = all.reduce(
      (sum, { before, stats }) => sum + Math.min(before?.polling ?? 0, stats?.polling ?? 0),
      0,
    );
    if (polling < Math.max(AT_LEAST, HIGH * total)) return [];
    return [words.high(grouped(polling), grouped(total), share(polling / total))];
  },
};
