import { grouped, share } from '../../words/figures';
import { dayAndTime } from '../../words/labels';
import type { Check, Finding } from '../types';

const SHARE = 0.6;
/** An hour: below, it costs nothing. */
const AT_LEAST = 3_600;
const FLEETING = ['typing', 'members'];

export const typingStorm: Check = {
  name: 'typing-storm',
  title: (words) => words.typingStorm.title,
  run: async ({ report }, { typingStorm: words }) =>
    (await report()).hours.slice(-2).flatMap(({ hour, calls, events }) =>
      FLEETING.flatMap((event): Finding[] => {
        const count = events?.[event] ?? 0;
        if (count < AT_LEAST || count < SHARE * (calls ?? 0)) return [];
        return [words.storm(event, share(count / calls!), grouped(count), dayAndTime(hour))];
      }),
    ),
};
