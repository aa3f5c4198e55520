import {
  isPending,
  isPlaced,
  type Entry,
  type PageMessage,
  type PendingMessage,
  type Received,
} from '../protocol/entries';
import type { HistoryAnswer, JoinAnswer } from '../protocol/events';
import { isChange, messageOf, present, type Change } from '../protocol/present';
import { add, bury, change, find, newest, type Committed, type Identified } from './committed';

/** Messages held per room; older ones are read again by history. As many as a room keeps by default. */
export const MAX_HELD = 10_000;

/** Changes of messages that are not held: as many as can come while a page that has them is on its way. */
const MAX_CHANGES = 1_000;

/** How far the room is known: nothing is missing from `floor` to `upTo`, and the run goes on at upTo + 1. */
export interface Run {
  epoch: string;
  floor: number;
  upTo: number;
}

/** What is held of one room. A value: every function here returns another one. */
export interface Timeline {
  /** Missing before the first join, and while the log is away and nothing was held. */
  run?: Run;
  /** Ascending by seq, all of one epoch. */
  committed: Committed;
  /** Changes of the run whose target was not held. A page that was read before them gets them later. */
  changes: readonly Change[];
  /** In the order of their coming. */
  pending: readonly PendingMessage[];
  /** Nothing older exists than what is held. */
  complete: boolean;
  /** An entry came that does not continue the run: join again. */
  broken: boolean;
}

export const EMPTY: Timeline = { committed: [], changes: [], pending: [], complete: false, broken: false };

/** Where a join continues. `reason: "none"` of a room in `hello` means the same as of a join answer. */
export type Joined = Pick<JoinAnswer, 'epoch' | 'upTo' | 'reason'> & {
  messages?: readonly (PageMessage | PendingMessage)[];
  complete?: boolean;
};

export function joined(
  held: Timeline,
  { epoch, upTo, reason, messages = [], complete = false }: Joined,
): Timeline {
  if (epoch === null || upTo === null || reason === 'degraded') return remembered(held, messages);
  if (reason === 'none' && held.run)
    return { ...held, run: { ...held.run, epoch, upTo }, pending: [], broken: false };
  const committed = messages.filter(isPlaced);
  return { ...EMPTY, run: { epoch, floor: committed[0]?.seq ?? upTo + 1, upTo }, committed, complete };
}

/** The log is away: what is held stays, and the run will either go on from there or be broken by a gap. */
function remembered(held: Timeline, messages: readonly (PageMessage | PendingMessage)[]): Timeline {
  const known = messages.filter(isPlaced);
  const epoch = held.run?.epoch ?? known.at(-1)?.epoch;
  const before = held.run ? held.committed : [];
  const committed = add(
    before,
    known.filter((message) => message.epoch === epoch),
  );
  return receive(unpended({ ...held, committed, broken: false }), messages.filter(isPending));
}

/** Drops what was held. What is needed of it is read by history, below the floor. */
export function gap(epoch: string, upTo: number): Timeline {
  return { ...EMPTY, run: { epoch, floor: upTo + 1, upTo }, complete: upTo === 0 };
}

/** A page of history below `before`. It is ignored when it does not adjoin what is held any more. */
export function older(held: Timeline, before: number, page: HistoryAnswer): Timeline {
  const { run } = held;
  if (!run || run.epoch !== page.epoch || run.floor !== before) return held;
  const messages = page.messages.map((message) => caughtUp(message, held.changes, page.head));
  const floor = messages[0]?.seq ?? run.floor;
  const complete = page.complete || messages.length === 0;
  return unpended({ ...held, run: { ...run, floor }, committed: add(held.committed, messages), complete });
}

/** A page shows what was known at its head; the run may have got further while it was on its way. */
function caughtUp(message: PageMessage, changes: readonly Change[], head: number): PageMessage {
  return changes.reduce((now, entry) => (entry.seq > head ? present(now, entry) : now), message);
}

/** Entries of a `messages` event, in the order of their coming. */
export function receive(held: Timeline, entries: readonly Received[]): Timeline {
  return entries.reduce((t, entry) => (isPending(entry) ? withPending(t, entry) : withEntry(t, entry)), held);
}

function withEntry(held: Timeline, entry: Entry): Timeline {
  const { run } = held;
  // Without a run the join is still to be answered, and its answer covers this entry.
  if (!run) return held;
  if (entry.epoch !== run.epoch)
    return entry.seq === 1 ? withEntry(begin(held, entry.epoch), entry) : broken(held);
  if (entry.seq <= run.upTo) return held;
  if (entry.seq > run.upTo + 1) return broken(held);
  return take({ ...held, run: { ...run, upTo: entry.seq } }, entry);
}

/** Kinds that this version does not know have a seq, but nothing to show. */
function take(held: Timeline, entry: Entry): Timeline {
  const message = messageOf(entry);
  if (message) return commit(held, message, entry);
  if (!isChange(entry)) return held;
  const { target } = entry;
  if (find(held.committed, target)) return { ...held, committed: change(held.committed, entry) };
  return { ...held, changes: [...held.changes.slice(1 - MAX_CHANGES), entry] };
}

/** A new epoch that is live from its seq 1. Pending entries live in no epoch and stay. */
function begin(held: Timeline, epoch: string): Timeline {
  return { ...held, run: { epoch, floor: 1, upTo: 0 }, committed: [], changes: [], complete: true };
}

const broken = (held: Timeline): Timeline => ({ ...held, broken: true });

function commit(held: Timeline, message: PageMessage, entry: Entry): Timeline {
  const pending = held.pending.filter((other) => !same(other, message));
  return bounded({ ...held, pending, committed: add(bury(held.committed, entry), [message]) });
}

function withPending(held: Timeline, entry: PendingMessage): Timeline {
  // Other kinds than messages do not wait on servers.
  if (entry.kind !== 'message' || held.pending.some((other) => same(other, entry))) return held;
  if (find(held.committed, { from: entry.from.id, id: entry.id })) return held;
  return { ...held, pending: [...held.pending, entry] };
}

/** What came with a page may have been shown as pending. */
function unpended(held: Timeline): Timeline {
  const pending = held.pending.filter(({ from, id }) => !find(held.committed, { from: from.id, id }));
  return pending.length === held.pending.length ? held : { ...held, pending };
}

function bounded(held: Timeline): Timeline {
  if (!held.run || held.committed.length <= MAX_HELD) return held;
  const committed = newest(held.committed, MAX_HELD);
  return { ...held, committed, run: { ...held.run, floor: committed[0]!.seq }, complete: false };
}

const same = (a: Identified, b: Identified): boolean => a.id === b.id && a.from.id === b.from.id;

/** The number of messages up to this seq, if what is held tells. */
export function countAt({ committed }: Timeline, seq: number): number | undefined {
  return committed.findLast((message) => message.seq <= seq)?.n;
}
