import type { RecordLine } from './line';

/** A time in which a server stood still. Times in ms since 1970, as exact as the lines of the record. */
export interface Freeze {
  server: string;
  from: number;
  to: number;
  /** The longest that its event loop was late, or nothing was heard of it; null: nobody could say. */
  longestMs: number | null;
  /** Probes without an answer. */
  missed: number;
  /** Whether it computed meanwhile: `true` is blocking code, `false` a process that was stopped or waited; null: not known. */
  computing: boolean | null;
}

/** An event loop that was late by this much is worth a word. */
export const FREEZE_MS = 1_000;
/** CPU of a process that computes all the time, between two probes, in percent. */
const COMPUTING = 80;

/** Pure: what stood still, from lines in order of time; lines in a row are one freeze. A server that is gone is none. */
export function freezesOf(lines: RecordLine[]): Freeze[] {
  const freezes: Freeze[] = [];
  const open = new Map<string, Freeze>();
  const pids = new Map<string, number | null>();
  for (const line of lines) {
    const isNew = pids.has(line.server) && pids.get(line.server) !== line.pid;
    pids.set(line.server, line.pid);
    const freeze = isFrozen(line, isNew) ? freezeOf(line) : undefined;
    const before = open.get(line.server);
    if (freeze && before && freeze.from <= before.to) extend(before, freeze);
    else if (freeze) {
      freezes.push(freeze);
      open.set(line.server, freeze);
    }
  }
  return freezes;
}

/** While a process takes the place of another one, probes are missed too. */
function isFrozen({ pid, missed, loopDelayMaxMs }: RecordLine, isNew: boolean): boolean {
  return pid !== null && ((missed > 0 && !isNew) || (loopDelayMaxMs ?? 0) >= FREEZE_MS);
}

function freezeOf({ at, server, seconds, missed, loopDelayMaxMs, cpuMaximum }: RecordLine): Freeze {
  const longestMs = (loopDelayMaxMs ?? 0) >= FREEZE_MS ? loopDelayMaxMs : null;
  const computing = cpuMaximum === null ? null : cpuMaximum >= COMPUTING;
  return { server, from: at - seconds * 1_000, to: at, longestMs, missed, computing };
}

function extend(freeze: Freeze, { to, longestMs, missed, computing }: Freeze): void {
  freeze.to = to;
  freeze.missed += missed;
  if (longestMs !== null) freeze.longestMs = Math.max(longestMs, freeze.longestMs ?? 0);
  if (computing !== null) freeze.computing = computing || freeze.computing === true;
}
