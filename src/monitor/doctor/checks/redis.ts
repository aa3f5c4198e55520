import { factProblems } from '../../../redis/preflight';
import { delay } from '../../words/figures';
import type { Check } from '../types';

const SLOW_MS = 50;
/** From here on the oldest messages of all rooms are trimmed first. */
const NEARLY_FULL = 0.75;
/** Of what Redis lets a subscriber wait for at most (32 MB by default). */
const BUFFER_BYTES = 8 * 2 ** 20;

export const redisIsFast: Check = {
  name: 'redis-fast',
  title: 'Redis answers quickly',
  run: async ({ redis }) => {
    const { slowestMs, facts } = await redis();
    const buffer = Number(facts['client_recent_max_output_buffer'] ?? 0);
    return [
      ...(slowestMs < SLOW_MS
        ? []
        : [{ what: `the slowest of ten round trips took ${delay(slowestMs)}`, advice: 'redis-cli SLOWLOG GET 10; is its machine or disk busy?' }]),
      ...(buffer < BUFFER_BYTES
        ? []
        : [{ what: `${Math.round(buffer / 2 ** 20)} MB wait for one reader; Redis cuts it off at its limit`, advice: 'a server reads too slowly: see whose event loop is saturated' }]),
    ]; // prettier-ignore
  },
};

export const redisHasRoom: Check = {
  name: 'redis-room',
  title: 'Redis has memory left',
  run: async ({ redis }) => {
    const { facts } = await redis();
    const [used, most] = [Number(facts['used_memory']), Number(facts['maxmemory'] ?? 0)];
    if (!(most > 0) || used < NEARLY_FULL * most) return [];
    const what = `Redis uses ${Math.round((100 * used) / most)} % of its memory: the oldest messages of all rooms go first`;
    return [{ what, advice: 'raise REDIS_MAX_MEMORY_MB, or keep less (KEEP_ENTRIES, KEEP_DAYS)' }];
  },
};

export const redisKeeps: Check = {
  name: 'redis-keeps',
  title: 'Redis keeps what it acknowledges',
  run: async ({ redis }) => {
    const { facts } = await redis();
    const writes = facts['aof_last_write_status'] ?? 'ok';
    return [
      ...factProblems(facts).map((what) => ({ what, advice: 'correct its configuration; see "A Redis of your own"' })),
      ...(writes === 'ok' ? [] : [{ what: `its last write to the disk: ${writes}`, advice: 'make room on the disk' }]),
    ]; // prettier-ignore
  },
};
