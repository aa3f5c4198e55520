import type { Entry } from '../protocol/entries';

/**
 * Keeps one copy of what many clients were shown alike: 500 journals of one room need the memory of one.
 * An entry that differs in anything stays as it came.
 */
export class EntryPool {
  private readonly entries = new Map<string, Entry>();

  share(entry: Entry): Entry {
    const place = `${entry.room}\n${entry.epoch}\n${entry.seq}`;
    const known = this.entries.get(place);
    if (known === undefined) this.entries.set(place, entry);
    return known !== undefined && same(known, entry) ? known : entry;
  }
}

function same(a: Entry, b: Entry): boolean {
  const keys = Object.keys(a) as (keyof Entry)[];
  return keys.length === Object.keys(b).length && keys.every((key) => sameIn(key, a, b));
}

function sameIn(key: keyof Entry, a: Entry, b: Entry): boolean {
  if (key === 'from') return a.from.id === b.from.id && a.from.name === b.from.name;
  return a[key] === b[key] || JSON.stringify(a[key]) === JSON.stringify(b[key]);
}
