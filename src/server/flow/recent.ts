import { textOf, type Entry } from '../../protocol/entries';
import { afterDelete } from '../../protocol/present';
import type { RoomLog } from '../roomlog/types';

const MAX_ENTRIES = 1_000;
const MAX_CHARS = 1_000_000;
const SWEEP_MS = 30_000;
const ROOMS_AT_ONCE = 20;
const RETRY_MS = 1_000;

/** The entries of one room by author and id, in the order of the log; of an entry in two epochs, the later place. */
class RecentRoom {
  readonly entries = new Map<string, Entry>();
  private chars = 0;

  take(entry: Entry): void {
    const key = JSON.stringify([entry.from.id, entry.id]);
    const known = this.entries.get(key);
    if (known?.epoch === entry.epoch) return;
    if (known) this.drop(key, known);
    if (entry.kind === 'delete' && !('deleted' in entry)) this.redact(entry.target);
    this.entries.set(key, entry);
    this.chars += textOf(entry).length;
    this.forget(-Infinity);
  }

  /** Forgets what was accepted before this time, and what is too much. */
  forget(before: number): void {
    for (const [key, entry] of this.entries) {
      if (entry.at >= before && this.entries.size <= MAX_ENTRIES && this.chars <= MAX_CHARS) return;
      this.drop(key, entry);
    }
  }

  /** One list for each epoch, ascending. */
  byEpoch(): Entry[][] {
    const epochs = new Map<string, Entry[]>();
    for (const entry of this.entries.values()) {
      const known = epochs.get(entry.epoch);
      if (known) known.push(entry);
      else epochs.set(entry.epoch, [entry]);
    }
    return [...epochs.values()].map((entries) => entries.sort((a, b) => a.seq - b.seq));
  }

  private redact(target: Parameters<typeof afterDelete>[1]): void {
    for (const [key, entry] of this.entries) {
      const left = afterDelete(entry, target);
      if (left === entry) continue;
      this.chars -= textOf(entry).length;
      this.entries.set(key, left);
    }
  }

  private drop(key: string, entry: Entry): void {
    this.entries.delete(key);
    this.chars -= textOf(entry).length;
  }
}

/**
 * What this server lately knew to be in the logs: what it acknowledged and what its feeds took in. Puts it back
 * into a store that has gone back behind that.
 */
export class Recent {
  private readonly rooms = new Map<string, RecentRoom>();
  private readonly timer: NodeJS.Timeout;
  private offering: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;

  /** `keepMs`: shorter than ids are known for, or what was trimmed meanwhile would double. */
  constructor(
    private readonly log: Pick<RoomLog, 'restore'>,
    private readonly keepMs: number,
  ) {
    this.timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  take(entries: Entry[]): void {
    for (const entry of entries) {
      let room = this.rooms.get(entry.room);
      if (!room) this.rooms.set(entry.room, (room = new RecentRoom()));
      room.take(entry);
    }
  }

  /** Resolves when the store knows what is known here. Rejects with `unavailable`. */
  async offer(): Promise<void> {
    // What came after the one under way began is not in it.
    await this.offering?.catch(() => undefined);
    this.offering ??= this.offerAll().finally(() => (this.offering = undefined));
    return this.offering;
  }

  /** As `offer`, until it succeeds. */
  insist(): void {
    this.offer().catch(() => {
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.insist(), RETRY_MS).unref();
    });
  }

  close(): void {
    clearInterval(this.timer);
    clearTimeout(this.retry);
  }

  private async offerAll(): Promise<void> {
    this.sweep();
    const rooms = [...this.rooms];
    for (let i = 0; i < rooms.length; i += ROOMS_AT_ONCE)
      await Promise.all(rooms.slice(i, i + ROOMS_AT_ONCE).map((room) => this.offerRoom(...room)));
  }

  private async offerRoom(name: string, room: RecentRoom): Promise<void> {
    for (const entries of room.byEpoch()) await this.log.restore(name, entries);
  }

  private sweep(): void {
    const before = Date.now() - this.keepMs;
    for (const [name, room] of this.rooms) {
      room.forget(before);
      if (room.entries.size === 0) this.rooms.delete(name);
    }
  }
}
