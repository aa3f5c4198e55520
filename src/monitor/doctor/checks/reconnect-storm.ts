import { HOUR_MS } from '../../../usage/hours';
import { grouped } from '../../words/figures';
import type { Check } from '../types';

/** Connections in an hour for each of those who are there: less than two minutes each. Visits may be short, but not all of them so short. */
const TIMES = 30;
const AT_LEAST = 1_000;
/** Of an hour; less of it says little. */
const LEAST_PART = 0.25;

export const reconnectStorm: Check = {
  name: 'reconnect-storm',
  title: (words) => words.reconnectStorm.title,
  run: async ({ report, servers }, { reconnectStorm: words }) => {
    const { hours, to } = await report();
    const last = hours.at(-1);
    if (!last || last.connects === null) return [];
    const there = (await servers()).reduce((sum, { stats }) => sum + (stats?.connections ?? 0), 0);
    const part = Math.max(LEAST_PART, (Math.min(to, last.hour + HOUR_MS) - last.hour) / HOUR_MS);
    // Everybody comes once: at nine o'clock, or after a start.
    const anHour = (last.connects - there) / part;
    if (anHour < Math.max(AT_LEAST, TIMES * there)) return [];
    return [words.storm(grouped(anHour), grouped(there))];
  },
};
