import { ChatError } from '../../src/protocol/codes';
import type { Entry, EntryBody, PageMessage } from '../../src/protocol/entries';
import type {
  AppendResult,
  LogHead,
  LogPage,
  LogSlice,
  PageBound,
  RoomLog,
} from '../../src/server/roomlog/types';

/**
 * A room log in memory, with the faults of a real one: publications that get lost, a store that does not
 * answer, logs that are trimmed or begin anew. Answers and publications come when `settle` is awaited or later.
 */
export class MemoryLog implements RoomLog {
  epoch = 1;
  entries: Entry[] = [];
  head = 0;
  away = false;
  /** Decides for each publication whether it gets lost. */
  loses: () => boolean = () => false;
  private listeners = new Set<(published: LogSlice) => void>();
  private recovered: (() => void)[] = [];

  async append(room: string, bodies: EntryBody[]): Promise<AppendResult[]> {
    await this.answering();
    const fresh = bodies.map((body) => this.store(room, body));
    const slice = this.slice(fresh);
    if (!this.loses()) for (const listener of this.listeners) setImmediate(listener, slice);
    return fresh.map(({ seq, at, epoch }) => ({ status: 'new', epoch, seq, at }));
  }

  async readAfter(_room: string, after: number, limit: number): Promise<LogSlice> {
    await this.answering();
    return this.slice(this.entries.filter(({ seq }) => seq > after).slice(0, limit));
  }

  async readBefore(_room: string, before: number, limit: number): Promise<LogSlice> {
    await this.answering();
    return this.slice(this.entries.filter(({ seq }) => seq < before).slice(-limit));
  }

  /** Of messages only: this log knows no state. */
  async page(_room: string, bound: PageBound, limit: number): Promise<LogPage> {
    await this.answering();
    const all = this.entries.filter(({ seq }) => ('after' in bound ? seq > bound.after : seq < bound.before));
    const entries = 'after' in bound ? all.slice(0, limit) : all.slice(-limit);
    const messages = entries.map((entry) => ({ ...entry }) as PageMessage);
    return { ...this.slice(this.entries), messages, more: all.length > limit };
  }

  async heads(rooms: string[]): Promise<LogHead[]> {
    await this.answering();
    return rooms.map(() => this.slice(this.entries));
  }

  async subscribe(_room: string, listener: (published: LogSlice) => void): Promise<() => void> {
    await this.answering();
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async restore(): Promise<void> {
    await this.answering();
  }

  available = (): boolean => !this.away;
  answers = (): boolean => !this.away;
  writable = (): boolean => !this.away;
  writesSome = (): boolean => !this.away;

  onWritable(listener: () => void): void {
    this.recovered.push(listener);
  }

  /** This log says by its epochs when it has gone back. */
  onForgetful = (): void => undefined;

  onRecovered(listener: () => void): void {
    this.recovered.push(listener);
  }

  recover(): void {
    this.away = false;
    for (const listener of this.recovered) listener();
  }

  beginAnew(): void {
    this.epoch++;
    this.entries = [];
    this.head = 0;
  }

  trim(keep: number): void {
    this.entries = this.entries.slice(-keep);
  }

  private async answering(): Promise<void> {
    await new Promise((done) => setImmediate(done));
    if (this.away) throw new ChatError('unavailable');
  }

  private store(room: string, body: EntryBody): Entry {
    const seq = ++this.head;
    const entry = { room, epoch: String(this.epoch), seq, n: seq, ...body };
    this.entries.push(entry);
    return entry;
  }

  private slice(entries: Entry[]): LogSlice {
    const first = this.entries[0]?.seq ?? this.head + 1;
    return { epoch: String(this.epoch), first, head: this.head, n: this.head, entries };
  }
}
