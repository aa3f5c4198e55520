import { HOUR_MS } from '../../../usage/hours';
import { FREEZE_MS } from '../../freezes';
import { delay } from '../../words/figures';
import { dayAndTime } from '../../words/labels';
import type { Check } from '../types';

const RECENT_MS = 2 * HOUR_MS;

/** A loop that is late while it has time on the whole is blocked by single pieces of work. */
export const loopBlocked: Check = {
  name: 'loop-blocked',
  title: (words) => words.loopBlocked.title,
  run: async ({ servers, report }, { loopBlocked: words }) => {
    const now = (await servers()).filter(
      ({ stats }) => stats && stats.loop.delayMaxMs >= FREEZE_MS && stats.loop.utilization < 0.9,
    );
    const { freezes, to } = await report();
    const lately = freezes.filter((freeze) => freeze.to > to - RECENT_MS && freeze.computing === true);
    return [
      ...now.map(({ name, stats }) => words.now(name, delay(stats!.loop.delayMaxMs))),
      ...lately.map(({ server, to: at, longestMs }) =>
        words.lately(server, dayAndTime(at), longestMs === null ? undefined : delay(longestMs)),
      ),
    ];
  },
};
