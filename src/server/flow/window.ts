const WIDEST_MS = 50;
const FIRST_MS = 5;
/** From this busy share of the event loop on, quiet rooms wait too. */
const BUSY = 0.8;

/**
 * The time until the next flush of a room, from the last one and the number of entries it brought: none in a quiet
 * room (one entry a flush), up to 50 ms in a busy one, or on a busy event loop (`busy`: its share, 0 to 1).
 */
export function nextWindow(windowMs: number, entries: number, busy: number): number {
  const least = WIDEST_MS * Math.max(0, (busy - BUSY) / (1 - BUSY));
  return Math.max(least, byEntries(windowMs, entries));
}

function byEntries(windowMs: number, entries: number): number {
  if (entries > 1) return Math.min(WIDEST_MS, Math.max(FIRST_MS, windowMs * 2));
  return windowMs <= FIRST_MS ? 0 : windowMs / 2;
}
