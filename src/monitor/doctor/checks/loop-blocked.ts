import { HOUR_MS } from '../../../usage/hours';
import { FREEZE_MS } from '../../freezes';
import { delay } from '../../words/figures';
import { dayAndTime } from '../../words/labels';
import type { Check, Finding } from '../types';

const RECENT_MS = 2 * HOUR_MS;
const PROFILE = 'something computes for long at a stretch: take a profile (node --cpu-prof) when it happens';

/** A loop that is late while it has time on the whole is blocked by single pieces of work. */
export const loopBlocked: Check = {
  name: 'loop-blocked',
  title: 'No event loop was blocked in the last two hours',
  run: async ({ servers, report }) => {
    const now: Finding[] = (await servers()).flatMap(({ name, stats }) =>
      stats && stats.loop.delayMaxMs >= FREEZE_MS && stats.loop.utilization < 0.9
        ? [
            {
              what: `${name}: its event loop stood still for ${delay(stats.loop.delayMaxMs)} just now`,
              advice: PROFILE,
            },
          ]
        : [],
    );
    const { freezes, to } = await report();
    const lately = freezes.filter((freeze) => freeze.to > to - RECENT_MS && freeze.computing === true);
    return [
      ...now,
      ...lately.map(({ server, to: at, longestMs }) => ({
        what: `${server}: it stood still${longestMs === null ? '' : ` for ${delay(longestMs)}`} before ${dayAndTime(at)}, computing`,
        advice: PROFILE,
      })),
    ];
  },
};
