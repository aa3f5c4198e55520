import type { Check } from '../types';

const SHARE = 0.6;
/** An hour: below, it costs nothing. */
const AT_LEAST = 3_600;
const FLEETING = ['typing', 'members'];

export const typingStorm: Check = {
  name: 'typing-storm',
  title: 'Typing and presence are a small part of the calls',
  run: async ({ report }) =>
    (await report()).hours.slice(-2).flatMap(({ calls, events }) =>
      FLEETING.flatMap((event) => {
        const count = events?.[event] ?? 0;
        if (count < AT_LEAST || count < SHARE * (calls ?? 0)) return [];
        return [
          {
            what: `${event} is ${Math.round((100 * count) / calls!)} % of all calls: ${count} in an hour`,
            advice: 'let clients send it at most every 3 s, as the typed client does',
          },
        ];
      }),
    ),
};
