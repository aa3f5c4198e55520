import type { Check } from '../types';

/** A server looks deaf for a moment after each loss of Redis, too: twice is what counts. */
export const notDeaf: Check = {
  name: 'deaf',
  title: (words) => words.deaf.title,
  run: async ({ servers }, { deaf: words }) =>
    (await servers())
      .filter(({ before, stats }) => before?.deaf && stats?.deaf)
      .map(({ name }) => words.cannotHear(name)),
};
