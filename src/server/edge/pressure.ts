/** What is given up when there is more to do than can be done, in this order; between presence and handshakes windows widen. */
export type Shed = 'typing' | 'presence' | 'handshakes' | 'sends';

/** How hard an event loop is pressed. All times are milliseconds on one monotonic clock. */
export interface Pressure {
  /** Busy share of the loop over about the last second, 0 to 1. */
  readonly busy: number;
  /** How late the last looks came, together, because turns of the loop were long; 0 after one in time. */
  readonly lateMs: number;
  /** Sends, and newcomers, that were taken since the last look. */
  readonly taken: number;
  readonly admitted: number;
  /** Until then no turn takes in more than it can carry. */
  readonly shortUntil: number;
  /** When a send was last refused. */
  readonly refusedAt: number;
  /** Share of the sends that were refused lately, 0 to 1. */
  readonly refusedShare: number;
}

export interface Look {
  now: number;
  /** How much later it came than planned. */
  lateMs: number;
  /** Time since the last look, and the share of it that the loop was busy. */
  elapsedMs: number;
  utilization: number;
}

/** A look that comes later than this is late. */
const LATE_MS = 50;
/** Late looks in a row that make an overload: one alone may be a pause of the collector, whatever its length. */
const LATE_TOGETHER_MS = 400;
const ONE_AT_MOST_MS = 250;
/** What is late by this much stood still for long: as much as lies between two looks at a loop that rests. */
const LONG_MS = 250;
/** Turns stay short for so long after the last sign of overload. */
const CALM_MS = 1_000;
const SMOOTH_MS = 1_000;
const SHARE_OF = 500;
/** From this busy share on it is given up. */
const busyFrom = { typing: 0.75, presence: 0.85 };
/** A turn that has overrun a look by this much takes in no more. Newcomers go first. */
const overdueFrom = { handshakes: 0, sends: 10 };
/** But so many sends, or the server of a machine that has no time for it would take none at all. */
const TAKEN_AT_LEAST = 50;
/** And so many newcomers, each of whom costs much more: all of a storm must come in some time. */
const ADMITTED_AT_LEAST = 8;
/** More in one turn is more than any server carries: a flood is cut off before its first turn is long. */
const TAKEN_AT_MOST = 400;

const RETRY_MS = 1_000;
const RETRY_MORE_MS = 4_000;

export const atEase: Pressure = {
  busy: 0,
  lateMs: 0,
  taken: 0,
  admitted: 0,
  shortUntil: -Infinity,
  refusedAt: -Infinity,
  refusedShare: 0,
};

/** What a look at the loop tells. */
export function looked(before: Pressure, { now, lateMs: late, elapsedMs, utilization }: Look): Pressure {
  const busy = before.busy + (utilization - before.busy) * (1 - Math.exp(-elapsedMs / SMOOTH_MS));
  const together = late >= LATE_MS ? before.lateMs + Math.min(late, ONE_AT_MOST_MS) : 0;
  const shortUntil = together >= LATE_TOGETHER_MS ? now + CALM_MS : before.shortUntil;
  return { ...before, busy, lateMs: together, taken: 0, admitted: 0, shortUntil };
}

/**
 * How long the loop stood still before this look, about. What stood still for long began before the look was due: then
 * all that the loop computed since the last one is taken for it. Of a process that was stopped that says nothing.
 */
export function stoodStillMs({ lateMs, elapsedMs, utilization }: Look): number {
  return lateMs < LONG_MS ? Math.max(0, lateMs) : Math.max(lateMs, utilization * elapsedMs);
}

/** Whether this is given up, in a turn of the loop that has made the next look so much overdue. */
export function sheds(pressure: Pressure, what: Shed, now: number, overdueMs: number): boolean {
  if (what === 'typing' || what === 'presence') return pressure.busy >= busyFrom[what];
  if (what === 'handshakes' && isRefusing(pressure, now)) return true;
  if (what === 'handshakes' && pressure.admitted < ADMITTED_AT_LEAST) return false;
  if (what === 'sends' && pressure.taken < TAKEN_AT_LEAST) return false;
  if (what === 'sends' && pressure.taken >= TAKEN_AT_MOST) return true;
  return isOverloaded(pressure, now) && overdueMs > overdueFrom[what];
}

/** After a send has come that was taken, or refused: as long as some are refused, turns stay short. */
export function decided(before: Pressure, isRefused: boolean, now: number): Pressure {
  const refusedShare = before.refusedShare + ((isRefused ? 1 : 0) - before.refusedShare) / SHARE_OF;
  if (!isRefused) return { ...before, refusedShare, taken: before.taken + 1 };
  return { ...before, refusedShare, refusedAt: now, shortUntil: now + CALM_MS };
}

/** After a newcomer was let in. */
export const admitted = (before: Pressure): Pressure => ({ ...before, admitted: before.admitted + 1 });

/** When a refused client is to ask again: the more are refused the later, and no two at the same time. */
export function retryAfterMs({ refusedShare }: Pressure, random: number): number {
  return Math.round((RETRY_MS + RETRY_MORE_MS * refusedShare) * (0.5 + random));
}

/** Whether turns are kept short. */
export const isOverloaded = ({ shortUntil }: Pressure, now: number): boolean => now < shortUntil;

const isRefusing = ({ refusedAt }: Pressure, now: number): boolean => now - refusedAt < CALM_MS;
