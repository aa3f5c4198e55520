import { textOf, type Entry } from '../../protocol/entries';
import { afterDelete } from '../../protocol/present';
import type { RoomLog } from '../roomlog/types';
import { entryKey } from './entry-key';
import { groupBy } from './group';
import { every } from '../../rounds';

const MAX_ENTRIES = 1_000;
/** Of one room, and of all together: characters of texts, and about what an entry takes beside its text. */
const MAX_ROOM_SIZE = 1_500_000;
const MAX_SIZE = 32_000_000;
const ENTRY_SIZE = 500;
const SWEEP_MS = 30_000;
const ROOMS_AT_ONCE = 20;
const RETRY_MS = 1_000;

interface Known {
  entry: Entry;
  /** When it came into the log, as far as that is known (ms since 1970). */
  since: number;
}

type Concerns = (room: string) => boolean;
const everyRoom: Concerns = () => true;

const sizeOf = (entry: Entry): number => ENTRY_SIZE + textOf(entry).length;

/** The entries of one room by author and id, in the order of their coming; of one in two epochs, the later place. */
class RecentRoom {
  size = 0;
  private readonly entries = new Map<string, Known>();

  get isEmpty(): boolean {
    return this.entries.size === 0;
  }

  private isFullFor(entry: Entry): boolean {
    return this.entries.size >= MAX_ENTRIES || this.size + sizeOf(entry) > MAX_ROOM_SIZE;
  }

  private get oldest(): number {
    const [first] = this.entries.values();
    return first?.since ?? 0;
  }

  take(entry: Entry, since: number): void {
    const key = entryKey(entry);
    const known = this.entries.get(key);
    const latest = Math.max(since, known?.since ?? 0);
    if (known?.entry.epoch === entry.epoch) return void (known.since = latest);
    if (!known && this.isFullFor(entry) && since < this.oldest) return;
    if (entry.kind === 'delete' && !('deleted' in entry)) this.redact(entry.target);
    // It stays where it is: behind what a new epoch brings, what that has lost would be the first to be forgotten.
    this.size += sizeOf(entry) - (known ? sizeOf(known.entry) : 0);
    this.entries.set(key, { entry, since: latest });
    this.forget(-Infinity);
  }

  /** Forgets what came into the log before this time, and what is too much. */
  forget(before: number): void {
    for (const [key, known] of this.entries) {
      const isTooMuch = this.entries.size > MAX_ENTRIES || this.size > MAX_ROOM_SIZE;
      if (known.since >= before && !isTooMuch) return;
      this.drop(key, known);
    }
  }

  /** One list for each epoch, ascending; what was lost first comes first. */
  byEpoch(): Entry[][] {
    const all = [...this.entries.values()].map(({ entry }) => entry);
    const epochs = groupBy(all, ({ epoch }) => epoch);
    const lists = [...epochs.values()].map((entries) => entries.sort((a, b) => a.seq - b.seq));
    return lists.sort((a, b) => a.at(-1)!.at - b.at(-1)!.at);
  }

  private redact(target: Parameters<typeof afterDelete>[1]): void {
    for (const known of this.entries.values()) {
      this.size -= sizeOf(known.entry);
      known.entry = afterDelete(known.entry, target);
      this.size += sizeOf(known.entry);
    }
  }

  private drop(key: string, { entry }: Known): void {
    this.entries.delete(key);
    this.size -= sizeOf(entry);
  }
}

/**
 * What this server lately knew to be in the logs: what it acknowledged and what its feeds took in. Puts it back
 * into a store that has gone back behind that.
 */
export class Recent {
  /** Those written to last are last. */
  private readonly rooms = new Map<string, RecentRoom>();
  private size = 0;
  private readonly endRounds: () => void;
  /** Under way, by what they concern. */
  private readonly offering = new Map<Concerns, Promise<void>>();
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  /** `keepMs`: shorter than ids are known for, or what was trimmed meanwhile could double. */
  constructor(
    private readonly log: Pick<RoomLog, 'restore'>,
    private readonly keepMs: number,
  ) {
    this.endRounds = every(SWEEP_MS, () => this.sweep());
  }

  /** `since`: when they came into the log (ms since 1970), their time of acceptance by default. */
  take(entries: Entry[], since?: number): void {
    for (const entry of entries) {
      const room = this.rooms.get(entry.room) ?? new RecentRoom();
      this.rooms.delete(entry.room);
      this.rooms.set(entry.room, room);
      this.sizing(room, () => room.take(entry, since ?? entry.at));
    }
    for (const [name, room] of this.rooms) {
      if (this.size <= MAX_SIZE) return;
      this.size -= room.size;
      this.rooms.delete(name);
    }
  }

  /** Resolves when the store knows what is known here of the rooms that it `concerns`. Rejects with `unavailable`. */
  async offer(concerns: Concerns = everyRoom): Promise<void> {
    // What came after the one under way began is not in it.
    await this.offering.get(concerns)?.catch(() => undefined);
    const offering =
      this.offering.get(concerns) ?? this.offerAll(concerns).finally(() => this.offering.delete(concerns));
    this.offering.set(concerns, offering);
    return offering;
  }

  /** As `offer`, until it succeeds. */
  insist(): void {
    this.offer().catch(() => {
      clearTimeout(this.retry);
      if (!this.closed) this.retry = setTimeout(() => this.insist(), RETRY_MS).unref();
    });
  }

  close(): void {
    this.closed = true;
    this.endRounds();
    clearTimeout(this.retry);
  }

  private async offerAll(concerns: Concerns): Promise<void> {
    this.sweep();
    const rooms = [...this.rooms].filter(([name]) => concerns(name));
    for (let i = 0; i < rooms.length; i += ROOMS_AT_ONCE)
      await Promise.all(rooms.slice(i, i + ROOMS_AT_ONCE).map((room) => this.offerRoom(...room)));
  }

  private async offerRoom(name: string, room: RecentRoom): Promise<void> {
    for (const entries of room.byEpoch()) await this.log.restore(name, entries);
  }

  private sweep(): void {
    const before = Date.now() - this.keepMs;
    for (const [name, room] of this.rooms) {
      this.sizing(room, () => room.forget(before));
      if (room.isEmpty) this.rooms.delete(name);
    }
  }

  private sizing(room: RecentRoom, change: () => void): void {
    this.size -= room.size;
    change();
    this.size += room.size;
  }
}
