import type { PageMessage, User } from '../protocol/entries';
import type { HistoryAnswer, JoinAnswer } from '../protocol/events';
import type { PendingMessage, Received } from './wire';

/** Messages held per room; older ones are read again by history. As many as a room keeps by default. */
export const MAX_HELD = 10_000;

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
  committed: readonly PageMessage[];
  /** In the order of their coming. */
  pending: readonly PendingMessage[];
  /** Nothing older exists than what is held. */
  complete: boolean;
  /** An entry came that does not continue the run: join again. */
  broken: boolean;
}

export const EMPTY: Timeline = { committed: [], pending: [], complete: false, broken: false };

/** Where a join continues. `reason: "none"` of a room in `hello` means the same as of a join answer. */
export type Joined = Pick<JoinAnswer, 'epoch' | 'upTo' | 'reason'> & {
  messages?: readonly Received[];
  complete?: boolean;
};

interface Identified {
  id: string;
  from: User;
}

/** The identity of an entry in its room: an id is its sender's own choice, so it is unique to him only. */
export const keyOf = ({ from, id }: Identified): string => `${from.id} ${id}`;

export function joined(
  held: Timeline,
  { epoch, upTo, reason, messages = [], complete = false }: Joined,
): Timeline {
  if (epoch === null || upTo === null || reason === 'degraded') return remembered(held, messages);
  if (reason === 'none' && held.run)
    return { ...held, run: { ...held.run, epoch, upTo }, pending: [], broken: false };
  const committed = messages.filter(isCommitted);
  return { ...EMPTY, run: { epoch, floor: committed[0]?.seq ?? upTo + 1, upTo }, committed, complete };
}

/** The log is away: what is held stays, and the run will either go on from there or be broken by a gap. */
function remembered(held: Timeline, messages: readonly Received[]): Timeline {
  const known = messages.filter(isCommitted);
  const epoch = held.run?.epoch ?? known.at(-1)?.epoch;
  const before = held.run ? held.committed : [];
  const committed = merge(
    before,
    known.filter((message) => message.epoch === epoch),
  );
  return receive({ ...held, committed, broken: false }, messages.filter(isPending));
}

/** Drops what was held. What is needed of it is read by history, below the floor. */
export function gap(epoch: string, upTo: number): Timeline {
  return { ...EMPTY, run: { epoch, floor: upTo + 1, upTo }, complete: upTo === 0 };
}

/** A page of history below `before`. It is ignored when it does not adjoin what is held any more. */
export function older(held: Timeline, before: number, page: HistoryAnswer): Timeline {
  const { run } = held;
  if (!run || run.epoch !== page.epoch || run.floor !== before) return held;
  const floor = page.messages[0]?.seq ?? run.floor;
  const complete = page.complete || page.messages.length === 0;
  return { ...held, run: { ...run, floor }, committed: merge(held.committed, page.messages), complete };
}

/** Entries of a `messages` event, in the order of their coming. */
export function receive(held: Timeline, entries: readonly Received[]): Timeline {
  return entries.reduce((t, entry) => (isPending(entry) ? withPending(t, entry) : withEntry(t, entry)), held);
}

function withEntry(held: Timeline, entry: PageMessage): Timeline {
  const { run } = held;
  // Without a run the join is still to be answered, and its answer covers this entry.
  if (!run) return held;
  if (entry.epoch !== run.epoch)
    return entry.seq === 1 ? withEntry(begin(held, entry.epoch), entry) : broken(held);
  if (entry.seq <= run.upTo) return held;
  if (entry.seq > run.upTo + 1) return broken(held);
  const next = { ...held, run: { ...run, upTo: entry.seq } };
  // Kinds that this version does not know have a seq, but nothing to show.
  return entry.kind === 'message' ? commit(next, entry) : next;
}

/** A new epoch that is live from its seq 1. Pending entries live in no epoch and stay. */
function begin(held: Timeline, epoch: string): Timeline {
  return { ...held, run: { epoch, floor: 1, upTo: 0 }, committed: [], complete: true };
}

const broken = (held: Timeline): Timeline => ({ ...held, broken: true });

function commit(held: Timeline, entry: PageMessage): Timeline {
  const pending = held.pending.filter((other) => !same(other, entry));
  return bounded({ ...held, pending, committed: merge(held.committed, [entry]) });
}

function withPending(held: Timeline, entry: PendingMessage): Timeline {
  const known = [held.pending, held.committed].some((list) => list.some((other) => same(other, entry)));
  return known ? held : { ...held, pending: [...held.pending, entry] };
}

function bounded(held: Timeline): Timeline {
  if (!held.run || held.committed.length <= MAX_HELD) return held;
  const committed = held.committed.slice(-MAX_HELD);
  return { ...held, committed, run: { ...held.run, floor: committed[0]!.seq }, complete: false };
}

/** Adds what is not held yet, neither its seq nor its identity. */
function merge(held: readonly PageMessage[], more: readonly PageMessage[]): readonly PageMessage[] {
  const added = withoutHeld(held, more);
  const all = [...held, ...added];
  const follows = (held.at(-1)?.seq ?? 0) < (added[0]?.seq ?? Infinity);
  return follows ? all : all.sort((a, b) => a.seq - b.seq);
}

/** Walks the many that are held without making a key for each: this runs for every message that arrives. */
function withoutHeld(held: readonly PageMessage[], more: readonly PageMessage[]): PageMessage[] {
  const ids = new Set(more.map((message) => message.id));
  const seqs = new Set(more.map((message) => message.seq));
  const doubles = held.filter((message) => seqs.has(message.seq) || ids.has(message.id));
  const taken = new Set(doubles.map((message) => message.seq));
  const keys = new Set(doubles.map(keyOf));
  return more.filter((message) => !taken.has(message.seq) && !keys.has(keyOf(message)));
}

const same = (a: Identified, b: Identified): boolean => a.id === b.id && a.from.id === b.from.id;
const isPending = (entry: Received): entry is PendingMessage => 'pending' in entry;
const isCommitted = (entry: Received): entry is PageMessage => !isPending(entry);
