import { HOUR_MS } from '../../../usage/hours';
import { grouped } from '../../words/figures';
import type { Check } from '../types';

/** People came back more often in an hour than that many times those who are there. */
const TIMES = 5;
const AT_LEAST = 300;

export const reconnectStorm: Check = {
  name: 'reconnect-storm',
  title: (words) => words.reconnectStorm.title,
  run: async ({ report, servers }, { reconnectStorm: words }) => {
    const { hours, to } = await report();
    const last = hours.at(-1);
    if (!last || last.connects === null) return [];
    const there = (await servers()).reduce((sum, { stats }) => sum + (stats?.connections ?? 0), 0);
    const part = Math.max(0.1, (Math.min(to, last.hour + HOUR_MS) - last.hour) / HOUR_MS);
    // Everybody comes once: at nine o'clock, or after a start.
    const anHour = (last.connects - there) / part;
    if (anHour < Math.max(AT_LEAST, TIMES * there)) return [];
    return [words.storm(grouped(anHour), grouped(there))];
  },
};
