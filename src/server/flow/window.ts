/** What the pace of a room's flushes depends on. */
export interface Pace {
  /** Connections of this server in the room. */
  members: number;
  /** Share of its time that the event loop was busy lately: 0 to 1. */
  load: number;
  /** How long the last flush took, with what ran between its slices. */
  tookMs: number;
}

const WIDEST_MS = 50;
/** Some ten times what a write costs (0.02 ms with what it leaves behind): a room of up to 250 takes a tenth of the loop at most. */
const MEMBER_MS = 0.2;
/** From this load on rooms of any size wait for company, with the full window when the loop is full. */
const BUSY = 0.6;

/**
 * The least time between the beginnings of two flushes of a room. What comes after a longer pause is sent at once:
 * a quiet room never waits. Up to 50 ms in a large room or on a busy loop; beyond that a flush that took long, in a
 * room of thousands, is followed by a pause as long.
 */
export function windowMs({ members, load, tookMs }: Pace): number {
  const bySize = Math.min(WIDEST_MS, members * MEMBER_MS);
  const byLoad = (WIDEST_MS * Math.max(0, Math.min(1, load) - BUSY)) / (1 - BUSY);
  return Math.max(bySize, byLoad, 2 * tookMs);
}
