const WIDEST_MS = 50;
const FIRST_MS = 5;

/**
 * The time until the next flush of a room, from the last one and the number of entries it brought:
 * none in a quiet room (one entry a flush), up to 50 ms in a busy one.
 */
export function nextWindow(windowMs: number, entries: number): number {
  if (entries > 1) return Math.min(WIDEST_MS, Math.max(FIRST_MS, windowMs * 2));
  return windowMs <= FIRST_MS ? 0 : windowMs / 2;
}
