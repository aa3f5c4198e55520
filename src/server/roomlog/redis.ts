import { ChatError } from '../../protocol/codes';
import type { Entry, EntryBody } from '../../protocol/entries';
import { MAX_EDITS, MAX_EMOJI_KINDS, MAX_REACTIONS } from '../../protocol/limits';
import { RedisAway } from '../../redis/away';
import type { Client } from '../../redis/connection';
import type { Redis } from '../../redis/redis';
import type { Script } from '../../redis/script';
import { newEpoch } from './epoch';
import {
  argsOf,
  keyOf,
  lostArgsOf,
  parsePublished,
  toEntry,
  toMessage,
  type PageRow,
  type Row,
} from './format';
import { roomChannel, roomKeys, type RoomKeys } from './keys';
import { Parts, type Part } from './parts';
import { scripts } from './scripts';
import type {
  AppendResult,
  ForgetfulListener,
  LogHead,
  LogPage,
  LogSlice,
  LogState,
  PageBound,
  RoomLog,
} from './types';

export interface Retention {
  keepEntries: number;
  keepMs: number;
  /** Nothing younger than this is trimmed. */
  idWindowMs: number;
}

export interface RedisRoomLogOptions {
  redis: Redis;
  /** Of this process alone: nobody else's beats are to be taken for its own. */
  name: string;
  keyPrefix: string;
  retention: Retention;
  report: (problem: string, error: unknown) => void;
}

/** Entries in one call of restore: the script holds up Redis for no longer than an append does. */
const MAX_RESTORED = 64;
const STATUS = ['new', 'repeat', 'conflict', 'no_target', 'full'] as const;
// Anybody may create rooms by joining them; one that nobody ever wrote to is not worth more.
const EMPTY_ROOM_MS = 3_600_000;

/** Room logs in Redis: all keys of a room in one slot (log.lua). */
export class RedisRoomLog implements RoomLog {
  private readonly parts: Parts;
  /** The highest head seen of each subscribed room: a Redis that knows less has lost entries. */
  private readonly subscribed = new Map<string, number>();
  private readonly seen = new Map<string, Pick<LogState, 'epoch' | 'head'>>();

  constructor(private readonly options: RedisRoomLogOptions) {
    const keyOf = (room: string): string => roomChannel(options.keyPrefix, room);
    this.parts = new Parts({ ...options, keyOf });
  }

  async append(room: string, bodies: EntryBody[]): Promise<AppendResult[]> {
    const args = [...this.writing(room, this.lastSeen(room)), ...bodies.flatMap(argsOf)];
    const reply = await scripts.append
      .run(this.options.redis, this.keys(room), args.map(String))
      .catch((error: unknown) => {
        this.parts.of(room)?.availability.failed(error);
        return unavailable(error);
      });
    const [epoch, ...places] = reply as [string, ...[status: number, seq: number, at: number][]];
    this.see(room, { epoch, head: Math.max(0, ...places.map(([, seq]) => seq)) });
    return places.map(([status, seq, at]) => ({ status: STATUS[status]!, epoch, seq, at }));
  }

  async restore(room: string, entries: Entry[]): Promise<void> {
    // What was lost are the newest: with the last one there, all are.
    const last = entries.at(-1);
    try {
      if (!last || (await this.isThere(last))) return;
      for (let i = 0; i < entries.length; i += MAX_RESTORED)
        await this.putBack(room, entries.slice(i, i + MAX_RESTORED));
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error;
      if (error.reason !== 'failed') unavailable(error);
      this.options.report(`what Redis has lost of ${room} cannot be put back`, error);
    }
  }

  readAfter(room: string, after: number, limit: number): Promise<LogSlice> {
    return this.read(room, 'after', after, limit);
  }

  readBefore(room: string, before: number, limit: number): Promise<LogSlice> {
    return this.read(room, 'before', before, limit);
  }

  async page(room: string, bound: PageBound, limit: number, maxBytes = 0): Promise<LogPage> {
    const [direction, seq] = 'after' in bound ? ['after', bound.after] : ['before', bound.before];
    const args = [newEpoch(), ...this.lastSeen(room), EMPTY_ROOM_MS, direction, seq, limit, maxBytes];
    const reply = await this.call(scripts.page, room, args);
    const [epoch, first, head, n, more, ...rows] = reply as [
      string,
      number,
      number,
      number,
      0 | 1,
      ...PageRow[],
    ];
    this.see(room, { epoch, head });
    const messages = rows.map((row) => toMessage(room, epoch, row));
    if (direction === 'before') messages.reverse();
    return { epoch, first, head, n, messages, more: more === 1 };
  }

  async heads(rooms: string[]): Promise<(LogHead | undefined)[]> {
    const { redis } = this.options;
    const keys = rooms.map((room) => this.keys(room)[0]);
    const fields = ['epoch', 'first', 'head', 'n'];
    const stored = (client: Client, key: string) => client.hmGet(key, fields).catch(noneIfDamaged);
    const replies = await redis.runEach(keys, stored).catch(unavailable);
    return replies.map(([epoch, first, head, n]) =>
      epoch ? { epoch, first: Number(first ?? 1), head: Number(head), n: Number(n) } : undefined,
    );
  }

  async subscribe(room: string, listener: (published: LogSlice) => void): Promise<() => void> {
    const { redis } = this.options;
    const subscription = {
      kind: 'sharded' as const,
      channels: [this.channel(room)],
      listener: (message: Buffer) => {
        const published = parsePublished(room, message);
        this.see(room, published);
        listener(published);
      },
    };
    await redis.subscribe(subscription).catch(unavailable);
    this.subscribed.set(room, (this.subscribed.get(room) ?? 0) + 1);
    return () => {
      this.forget(room);
      redis.unsubscribe(subscription);
    };
  }

  available(room?: string): boolean {
    const is = ({ shard, heartbeat }: Part): boolean => shard.commands.ready && heartbeat.alive;
    return room === undefined ? this.parts.every(is) : this.parts.ofRoom(room, is);
  }

  answers(room: string): boolean {
    return this.parts.ofRoom(room, ({ shard }) => shard.commands.ready);
  }

  writable(room?: string): boolean {
    const is = ({ availability }: Part): boolean => availability.writable;
    return room === undefined ? this.parts.every(is) : this.parts.ofRoom(room, is);
  }

  writesSome(): boolean {
    return this.parts.some(({ availability }) => availability.writable);
  }

  onWritable(listener: () => void): void {
    this.parts.writable.push(listener);
  }

  onForgetful(listener: ForgetfulListener): void {
    this.parts.forgetful.push(listener);
  }

  onRecovered(listener: () => void): void {
    this.parts.recovered.push(listener);
  }

  close(): void {
    this.parts.close();
  }

  /** What scripts that add entries begin with. */
  private writing(room: string, [epoch, head]: [epoch: string, head: number]): (string | number)[] {
    const { keepEntries, keepMs, idWindowMs } = this.options.retention;
    const limits = [keepEntries, keepMs, idWindowMs, MAX_EMOJI_KINDS, MAX_REACTIONS, MAX_EDITS];
    return [newEpoch(), epoch, head, this.channel(room), Date.now(), ...limits];
  }

  /** Rejects with RedisAway. */
  private async isThere({ room, epoch, seq, from, id }: Entry): Promise<boolean> {
    const [meta, , ids] = this.keys(room);
    const [present, place] = await this.options.redis.run(meta, (client) =>
      Promise.all([client.hGet(meta, 'epoch'), client.hGet(ids, keyOf({ from: from.id, id }))]),
    );
    return present === epoch && place?.startsWith(`${seq}:`) === true;
  }

  /** Rejects with RedisAway. */
  private putBack(room: string, entries: Entry[]): Promise<unknown> {
    const args = [...this.writing(room, [entries[0]!.epoch, 0]), ...entries.flatMap(lostArgsOf)];
    return scripts.restore.run(this.options.redis, this.keys(room), args.map(String));
  }

  private async read(
    room: string,
    direction: 'after' | 'before',
    seq: number,
    limit: number,
  ): Promise<LogSlice> {
    const args = [newEpoch(), ...this.lastSeen(room), EMPTY_ROOM_MS, direction, seq, limit];
    const reply = await this.call(scripts.read, room, args);
    const [epoch, first, head, n, ...rows] = reply as [string, number, number, number, ...Row[]];
    this.see(room, { epoch, head });
    return { epoch, first, head, n, entries: rows.map((row) => toEntry(room, epoch, row)) };
  }

  private see(room: string, { epoch, head }: Pick<LogState, 'epoch' | 'head'>): void {
    const seen = this.seen.get(room);
    if (!this.subscribed.has(room)) return;
    if (seen?.epoch !== epoch || seen.head < head) this.seen.set(room, { epoch, head });
  }

  private forget(room: string): void {
    const left = (this.subscribed.get(room) ?? 1) - 1;
    if (left > 0) {
      this.subscribed.set(room, left);
      return;
    }
    this.subscribed.delete(room);
    this.seen.delete(room);
  }

  private lastSeen(room: string): [epoch: string, head: number] {
    const { epoch, head } = this.seen.get(room) ?? { epoch: '', head: 0 };
    return [epoch, head];
  }

  private call(script: Script, room: string, args: (string | number)[]): Promise<unknown> {
    return script.run(this.options.redis, this.keys(room), args.map(String)).catch(unavailable);
  }

  private keys(room: string): RoomKeys {
    return roomKeys(this.options.keyPrefix, room);
  }

  private channel(room: string): string {
    return roomChannel(this.options.keyPrefix, room);
  }
}

/** One damaged room is not to hide where all others stand. */
function noneIfDamaged(error: Error): (string | null)[] {
  if (error.message.startsWith('WRONGTYPE')) return [];
  throw error;
}

function unavailable(cause: unknown): never {
  const error = new ChatError('unavailable');
  error.cause = cause;
  throw error;
}
