import { share } from '../../words/figures';
import type { Check, Finding } from '../types';

/** Of the time of a server; a few percent are usual. */
const MUCH = 0.2;
/** Of the memory that V8 may have: from here on it collects more and more for less and less. */
const NEARLY_FULL = 0.85;

export const garbageCollection: Check = {
  name: 'garbage-collection',
  title: (words) => words.garbage.title,
  run: async ({ servers }, { garbage: words }) =>
    (await servers()).flatMap(({ name, stats }): Finding[] => {
      if (!stats) return [];
      const { gcShare = 0 } = stats.loop;
      const { heapShare = 0 } = stats;
      return [
        ...(gcShare >= MUCH ? [words.collects(name, share(gcShare))] : []),
        ...(heapShare >= NEARLY_FULL ? [words.full(name, share(heapShare))] : []),
      ];
    }),
};
