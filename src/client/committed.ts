import type { Entry, PageMessage, Ref, User } from '../protocol/entries';
import { present, type Change } from '../protocol/present';

/** Committed messages of one room and epoch, ascending by seq. A value: functions here return another one. */
export type Committed = readonly PageMessage[];

export interface Identified {
  id: string;
  from: User;
}

/** The identity of an entry in its room: an id is its sender's own choice, so it is unique to him only. */
export const keyOf = ({ from, id }: Identified): string => keyOfRef({ from: from.id, id });
export const keyOfRef = ({ from, id }: Ref): string => `${from} ${id}`;

/**
 * The seq of each message by key. That a message has this seq never changes, so a list and those derived of
 * it share one index: it may know of more than a list holds, but never less.
 */
const indexes = new WeakMap<Committed, Map<string, number>>();

function indexOf(list: Committed): Map<string, number> {
  const known = indexes.get(list);
  if (known) return known;
  const index = new Map(list.map((message) => [keyOf(message), message.seq]));
  indexes.set(list, index);
  return index;
}

function derived(from: Committed, list: Committed): Committed {
  const index = indexOf(from);
  // What is held no more must not fill the memory for ever.
  if (index.size <= 2 * list.length + 100) indexes.set(list, index);
  return list;
}

/** The message with this identity, if it is held. */
export function find(list: Committed, ref: Ref): PageMessage | undefined {
  const seq = indexOf(list).get(keyOfRef(ref));
  const message = seq === undefined ? undefined : list[placeOf(list, seq)];
  return message?.seq === seq ? message : undefined;
}

/** Adds what is not held yet, neither its seq nor its identity. */
export function add(list: Committed, more: readonly PageMessage[]): Committed {
  const added = more.filter((message) => !holds(list, message));
  if (added.length === 0) return list;
  const all = [...list, ...added];
  const follows = (list.at(-1)?.seq ?? 0) < added[0]!.seq;
  if (list.length === 0) return all;
  const index = indexOf(list);
  for (const message of added) index.set(keyOf(message), message.seq);
  return derived(list, follows ? all : all.sort((a, b) => a.seq - b.seq));
}

/** What an edit, a delete or a reaction makes of its target. The same list if that is not held or stays as it is. */
export function change(list: Committed, entry: Change): Committed {
  return changeAt(list, entry.target, entry);
}

/** What is known now to be deleted loses its text. */
export function bury(list: Committed, entry: Entry): Committed {
  return changeAt(list, { from: entry.from.id, id: entry.id }, entry);
}

/** The newest so many. */
export const newest = (list: Committed, count: number): Committed => derived(list, list.slice(-count));

function changeAt(list: Committed, ref: Ref, entry: Entry): Committed {
  const before = find(list, ref);
  const now = before && present(before, entry);
  if (!before || !now || now === before) return list;
  const all = [...list];
  all[placeOf(list, before.seq)] = now;
  return derived(list, all);
}

function holds(list: Committed, { seq, from, id }: PageMessage): boolean {
  return list[placeOf(list, seq)]?.seq === seq || find(list, { from: from.id, id }) !== undefined;
}

/** The index of the first message at or after this seq, by halving. */
function placeOf(list: Committed, seq: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
