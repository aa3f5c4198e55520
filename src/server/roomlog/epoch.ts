import { randomFillSync } from 'node:crypto';

const BYTES = 9;
const pool = Buffer.alloc(BYTES * 512);
let used = pool.length;

/**
 * A name for a log that begins, never given before. Each call of a script brings one, in case its room has no log:
 * random bytes for each by themselves would cost as much as the rest of an append.
 */
export function newEpoch(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return pool.toString('base64url', used - BYTES, used);
}
