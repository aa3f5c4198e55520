import type { EntryBody, PageMessage, Ref, Tombstone, User } from '../../src/protocol/entries';
import type { Retention } from '../../src/server/roomlog/redis';
import type { AppendResult } from '../../src/server/roomlog/types';

export interface Kept {
  seq: number;
  n: number;
  /** As it is in the run: a tombstone once its message was deleted. */
  body: EntryBody | Tombstone;
  /** As it came. */
  original: EntryBody;
}

/** What the log of one room is, in plain words: the append script has to do the same. */
export class ModelLog {
  head = 0;
  n = 0;
  kept: Kept[] = [];

  constructor(
    readonly epoch: string,
    private readonly retention: Retention,
  ) {}

  get first(): number {
    return this.kept[0]?.seq ?? this.head + 1;
  }

  /** The places of a batch, and the entries that are new by it, as they are published. */
  append(batch: EntryBody[], now: number): { places: AppendResult[]; added: Kept[] } {
    const added: Kept[] = [];
    const places = batch.map((body): AppendResult => {
      const { epoch } = this;
      const known = this.kept.find((each) => keyOf(each.original) === keyOf(body));
      if (known) {
        const status = contentOf(known.original) === contentOf(body) ? 'repeat' : 'conflict';
        return { status, epoch, seq: known.seq, at: known.original.at };
      }
      if (body.kind !== 'message' && !this.target(body.target))
        return { status: 'no_target', epoch, seq: 0, at: body.at };
      const n = body.kind === 'message' ? ++this.n : this.n;
      const entry = { seq: ++this.head, n, body, original: body };
      this.kept.push(entry);
      added.push({ ...entry });
      if (body.kind === 'delete') this.redact(body.target);
      return { status: 'new', epoch, seq: entry.seq, at: body.at };
    });
    if (added.length > 0) this.trim(now, 2 * added.length + 16);
    return { places, added };
  }

  /** The messages as they are now, by going through all that is kept for each. */
  page(room: string): PageMessage[] {
    const { epoch } = this;
    return this.kept.flatMap(({ seq, n, body }): PageMessage[] => {
      if (body.kind !== 'message') return [];
      const after = this.changesOf(body, seq);
      const changes = 'deleted' in body ? {} : { ...editOf(after), ...reactionsOf(after) };
      return [{ room, epoch, seq, n, ...body, ...changes }];
    });
  }

  /** What targets this message since it came: an id may be used again when its entry has been trimmed. */
  private changesOf({ from, id }: Identified, since: number): EntryBody[] {
    return this.kept
      .filter(({ seq, original }) => seq > since && original.kind !== 'message')
      .map(({ original }) => original)
      .filter((body) => 'target' in body && body.target.from === from.id && body.target.id === id);
  }

  private target({ from, id }: Ref): Kept | undefined {
    return this.kept.find(
      ({ body }) =>
        body.kind === 'message' && !('deleted' in body) && body.from.id === from && body.id === id,
    );
  }

  private redact(target: Ref): void {
    const message = this.target(target)!;
    const { id, from, at } = message.body;
    message.body = { kind: 'message', id, from, at, deleted: true };
    this.redactEdits(message);
  }

  private redactEdits(message: Kept): void {
    for (const entry of this.kept) {
      const { body } = entry;
      if (body.kind !== 'edit' || entry.seq < message.seq) continue;
      const { id, from, at, target } = body;
      if (target.from === message.body.from.id && target.id === message.body.id)
        entry.body = { kind: 'edit', id, from, at, target, deleted: true };
    }
  }

  /** Oldest first, so many at most; never one that is younger than the id window. */
  private trim(now: number, atMost: number): void {
    const { keepEntries, keepMs, idWindowMs } = this.retention;
    for (let i = 0; i < atMost; i++) {
      const oldest = this.kept[0];
      if (!oldest) return;
      const age = now - oldest.body.at;
      const over = this.kept.length > keepEntries || age > keepMs;
      if (!over || age < idWindowMs) return;
      this.kept.shift();
      if (oldest.body.kind === 'message') this.redactEdits(oldest);
    }
  }
}

interface Identified {
  id: string;
  from: User;
}

function editOf(changes: EntryBody[]): Pick<PageMessage, 'text' | 'edited'> {
  const last = changes.findLast((body) => body.kind === 'edit');
  return last?.kind === 'edit' ? { text: last.text, edited: last.at } : {};
}

function reactionsOf(changes: EntryBody[]): Pick<PageMessage, 'reactions'> {
  const sets = new Map<string, Set<string>>();
  for (const body of changes) {
    if (body.kind !== 'reaction') continue;
    const set = sets.get(body.emoji) ?? new Set();
    if (body.on) set.add(body.from.id);
    else set.delete(body.from.id);
    if (set.size > 0) sets.set(body.emoji, set);
    else sets.delete(body.emoji);
  }
  const reactions = Object.fromEntries([...sets].map(([emoji, users]) => [emoji, [...users]]));
  return sets.size > 0 ? { reactions } : {};
}

const keyOf = ({ from, id }: EntryBody): string => JSON.stringify([from.id, id]);

/** Neither the time nor the shown name of the sender is content. */
function contentOf(body: EntryBody): string {
  const { id: _, at: __, from: ___, ...content } = body;
  return JSON.stringify(Object.entries(content).sort(([a], [b]) => (a < b ? -1 : 1)));
}
