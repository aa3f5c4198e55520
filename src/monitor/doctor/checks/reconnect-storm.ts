import { HOUR_MS } from '../../../usage/hours';
import type { Check } from '../types';

/** More connects an hour than that many times the people who are there. */
const TIMES = 5;
const AT_LEAST = 300;

export const reconnectStorm: Check = {
  name: 'reconnect-storm',
  title: 'People stay connected',
  run: async ({ report, servers }) => {
    const { hours, to } = await report();
    const last = hours.at(-1);
    if (!last || last.connects === null) return [];
    const anHour = last.connects / Math.max(0.1, (Math.min(to, last.hour + HOUR_MS) - last.hour) / HOUR_MS);
    const there = (await servers()).reduce((sum, { stats }) => sum + (stats?.connections ?? 0), 0);
    if (anHour < Math.max(AT_LEAST, TIMES * there)) return [];
    return [
      {
        what: `${Math.round(anHour)} connects an hour for ${there} people: they come back again and again`,
        advice:
          'see with npx fleet logs why connections end; a proxy that cuts them, or clients without backoff',
      },
    ];
  },
};
