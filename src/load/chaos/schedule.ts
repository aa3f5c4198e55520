import { Random } from '../random';
import { faultKinds, kinds, type FaultKind } from './kinds';

export interface Fault {
  kind: FaultKind;
  /** Which server, from 0, if one is hit. */
  server?: number;
  /** Milliseconds; 0: it is over at once. */
  forMs: number;
}

/** Faults that begin together. */
export interface Slot {
  /** Milliseconds after the start. The run may be later: what was hit before has to be whole again. */
  at: number;
  /** So long everything has to have been whole before. */
  quietMs: number;
  faults: Fault[];
}

export interface ScheduleOptions {
  seed: number;
  seconds: number;
  servers: number;
  /** Faults of more than 30 s where there are such. */
  long: boolean;
  /** These alone; by default all. */
  only?: readonly FaultKind[];
}

/**
 * A Redis that forgets is made good by the servers that acknowledged, from their memory (DESIGN: "A Redis that
 * knows less"). So none of them may have died or slept shortly before.
 */
export const REMEMBERED_MS = 15_000;

const QUIET_MS: readonly [number, number] = [500, 3_000];
/** About so long the fleet needs to be whole again. */
const HEALS_MS = 3_000;
/** At the end no fault begins: there is something to see of the last one. */
const TAIL_MS = 5_000;
const PAIRS = 0.35;

/** Pure: which faults happen when. The same options give the same schedule, and first each kind comes once. */
export function scheduleOf({ seed, seconds, servers, long, only }: ScheduleOptions): Slot[] {
  const random = new Random(seed);
  const all = faultsFor(long, only ?? faultKinds);
  const slots: Slot[] = [];
  let left: Pick<Fault, 'kind' | 'forMs'>[] = [];
  for (let at = 2_000; ;) {
    if (left.length === 0) left = shuffled(all, random);
    const first = onSome(left.shift()!, servers, random);
    const faults = [first];
    if (random.next() < PAIRS) {
      const second = left.findIndex((fault) => mayMeet(first, fault));
      if (second >= 0) faults.push(other(first, left.splice(second, 1)[0]!, servers, random));
    }
    const timed = faults.map((fault) => lasting(fault, random));
    const quietMs = timed.some(({ kind }) => kind === 'redis-older')
      ? REMEMBERED_MS
      : between(QUIET_MS, random);
    at += quietMs;
    const endsAt = at + Math.max(...timed.map(({ forMs }) => forMs));
    if (endsAt > seconds * 1_000 - TAIL_MS) return slots;
    slots.push({ at, quietMs, faults: timed });
    at = endsAt + HEALS_MS;
  }
}

/** Whether two faults may happen at once. */
export function mayMeet(one: { kind: FaultKind }, another: { kind: FaultKind }): boolean {
  const targets = [kinds[one.kind].target, kinds[another.kind].target];
  const hitsServers = targets.some((target) => target === 'server' || target === 'fleet');
  const forgets = one.kind === 'redis-older' || another.kind === 'redis-older';
  if (hitsServers && forgets) return false;
  if (targets.every((target) => target === 'server')) return one.kind !== another.kind;
  return targets[0] !== targets[1] && !targets.every((target) => target === 'server' || target === 'fleet');
}

/** Each kind once; of long ones each length once. -1: the length is drawn. */
function faultsFor(long: boolean, wanted: readonly FaultKind[]): Pick<Fault, 'kind' | 'forMs'>[] {
  return wanted.flatMap((kind) => {
    const lengths = (long ? kinds[kind].long : undefined) ?? [kinds[kind].lasts ? -1 : 0];
    return lengths.map((forMs) => ({ kind, forMs }));
  });
}

function lasting(fault: Fault, random: Random): Fault {
  const { lasts } = kinds[fault.kind];
  return fault.forMs >= 0 || !lasts ? fault : { ...fault, forMs: between(lasts, random) };
}

function onSome(fault: Pick<Fault, 'kind' | 'forMs'>, servers: number, random: Random): Fault {
  if (kinds[fault.kind].target !== 'server') return fault;
  return { ...fault, server: Math.floor(random.next() * servers) };
}

/** On another server than the first one. */
function other(first: Fault, fault: Pick<Fault, 'kind' | 'forMs'>, servers: number, random: Random): Fault {
  const second = onSome(fault, servers, random);
  if (second.server === undefined || second.server !== first.server) return second;
  return { ...second, server: (second.server + 1) % servers };
}

const between = ([from, to]: readonly [number, number], random: Random): number =>
  Math.round(from + random.next() * (to - from));

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const all = [...list];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}
