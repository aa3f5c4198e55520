import { rounded } from '../../words/figures';
import type { Check, Finding } from '../types';

/** It goes before saturation is for long: a server gives up first what matters least. */
export const overload: Check = {
  name: 'overload',
  title: (words) => words.overload.title,
  run: async ({ servers }, { overload: words }) =>
    (await servers()).flatMap(({ name, stats, rates }): Finding[] => {
      const refused = rates?.refused ?? 0;
      if (stats?.state === 'overloaded' || refused > 0) return [words.refuses(name, rounded(refused))];
      // One who types is given up in any busy second.
      const sheds = stats?.sheds ?? [];
      if (!sheds.includes('presence')) return [];
      return [words.sheds(name, sheds.map((what) => words.shed[what]).join(', '))];
    }),
};
