import type { Identity } from './identity';
import { concerns, fromSaved, readSaved, toSaved } from './saved-unsent';
import type { Shelf } from './storage';
import type { UnsentList } from './unsent';

const KEY = 'unsent:';

/**
 * Keeps unsent messages over a reload, each under a key of its own: so of two pages of one user neither
 * can overwrite what the other wrote. What both send has one id, and doubles nothing.
 */
export class UnsentStore {
  constructor(
    private readonly shelf: Shelf,
    private readonly identity: Identity,
  ) {}

  /** Who is writing, as far as that is known. */
  get user(): string | undefined {
    return this.identity.owner;
  }

  /** What is kept of this room and concerns the user; nothing while it is not known who that is. */
  load(room: string): UnsentList {
    const { user } = this;
    if (user === undefined) return [];
    return this.shelf.all(KEY).flatMap((value) => {
      const saved = readSaved(value);
      return saved?.room === room && concerns(saved, user) ? [fromSaved(saved, user, Date.now())] : [];
    });
  }

  /** Brings what is kept from one list to the next. What the log has needs no keeping. */
  keep(room: string, before: UnsentList, now: UnsentList): void {
    const known = new Set(before);
    const kept = now.filter(({ taken }) => taken?.status !== 'committed');
    for (const item of kept) if (!known.has(item)) this.shelf.write(KEY + item.id, toSaved(room, item));
    const ids = new Set(kept.map(({ id }) => id));
    for (const { id } of before) if (!ids.has(id)) this.shelf.remove(KEY + id);
  }
}
