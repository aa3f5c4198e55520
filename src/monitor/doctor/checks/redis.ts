import { factProblems } from '../../../redis/preflight';
import { delay, share } from '../../words/figures';
import type { Check } from '../types';

const SLOW_MS = 50;
/** From here on the oldest messages of all rooms are trimmed first. */
const NEARLY_FULL = 0.75;
/** Of what Redis lets a subscriber wait for at most (32 MB by default). */
const BUFFER_BYTES = 8 * 2 ** 20;

export const redisIsFast: Check = {
  name: 'redis-fast',
  title: (words) => words.redisFast.title,
  run: async ({ redis }, { redisFast: words }) => {
    const { slowestMs, facts } = await redis();
    const buffer = Number(facts['client_recent_max_output_buffer'] ?? 0);
    return [
      ...(slowestMs < SLOW_MS ? [] : [words.slow(delay(slowestMs))]),
      ...(buffer < BUFFER_BYTES ? [] : [words.buffer(`${Math.round(buffer / 2 ** 20)}`)]),
    ];
  },
};

export const redisHasRoom: Check = {
  name: 'redis-room',
  title: (words) => words.redisRoom.title,
  run: async ({ redis }, { redisRoom: words }) => {
    const { facts } = await redis();
    const [used, most] = [Number(facts['used_memory']), Number(facts['maxmemory'] ?? 0)];
    return most > 0 && used >= NEARLY_FULL * most ? [words.nearlyFull(share(used / most))] : [];
  },
};

export const redisKeeps: Check = {
  name: 'redis-keeps',
  title: (words) => words.redisKeeps.title,
  run: async ({ redis }, { redisKeeps: words }) => {
    const { facts } = await redis();
    const writes = facts['aof_last_write_status'] ?? 'ok';
    return [
      ...factProblems(facts, words.facts).map(words.wrong),
      ...(writes === 'ok' ? [] : [words.writes(writes)]),
    ];
  },
};
