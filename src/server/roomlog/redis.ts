import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ChatError } from '../../protocol/codes';
import { textOf, type Entry, type EntryBody } from '../../protocol/entries';
import type { RedisConnection } from '../../redis/connection';
import type { Heartbeat } from '../../redis/heartbeat';
import { Script } from '../../redis/script';
import { roomChannel, roomKeys } from './keys';
import type { AppendResult, LogHead, LogSlice, LogState, RoomLog } from './types';

export interface Retention {
  keepEntries: number;
  keepMs: number;
  /** Nothing younger than this is trimmed. */
  idWindowMs: number;
}

export interface RedisRoomLogOptions {
  commands: RedisConnection;
  subscriber: RedisConnection;
  heartbeat: Pick<Heartbeat, 'alive'>;
  keyPrefix: string;
  retention: Retention;
}

type Row = [seq: number, n: number, body: string];

const STATUS = ['new', 'repeat', 'conflict'] as const;
// Anybody may create rooms by joining them; one that nobody ever wrote to is not worth more.
const EMPTY_ROOM_MS = 3_600_000;

const append = new Script(join(__dirname, 'append.lua'));
const read = new Script(join(__dirname, 'read.lua'));

/** Room logs in Redis: a stream, a hash of ids and a hash of positions for each room, in one slot. */
export class RedisRoomLog implements RoomLog {
  private readonly recovered: (() => void)[] = [];
  /** The highest head seen of each subscribed room: a Redis that knows less has lost entries. */
  private readonly subscribed = new Map<string, number>();
  private readonly seen = new Map<string, Pick<LogState, 'epoch' | 'head'>>();

  constructor(private readonly options: RedisRoomLogOptions) {}

  async append(room: string, bodies: EntryBody[]): Promise<AppendResult[]> {
    const { keepEntries, keepMs, idWindowMs } = this.options.retention;
    const retention = [keepEntries, keepMs, idWindowMs];
    const head = [newEpoch(), ...this.lastSeen(room), this.channel(room), Date.now(), ...retention];
    const reply = await this.call(append, room, [...head, ...bodies.flatMap(toArgs)].map(String));
    const [epoch, ...places] = reply as [string, ...[status: 0 | 1 | 2, seq: number, at: number][]];
    this.see(room, { epoch, head: Math.max(0, ...places.map(([, seq]) => seq)) });
    return places.map(([status, seq, at]) => ({ status: STATUS[status], epoch, seq, at }));
  }

  readAfter(room: string, after: number, limit: number, maxBytes = 0): Promise<LogSlice> {
    return this.read(room, 'after', after, limit, maxBytes);
  }

  async readBefore(room: string, before: number, limit: number, maxBytes = 0): Promise<LogSlice> {
    const slice = await this.read(room, 'before', before, limit, maxBytes);
    slice.entries.reverse();
    return slice;
  }

  async heads(rooms: string[]): Promise<(LogHead | undefined)[]> {
    const { commands } = this.options;
    const keys = rooms.map((room) => this.keys(room)[0]!);
    const read = (): Promise<(string | null)[][]> =>
      commands.run((client) =>
        Promise.all(keys.map((key) => client.hmGet(key, ['epoch', 'first', 'head', 'n']))),
      );
    const replies = await read().catch(unavailable);
    return replies.map(([epoch, first, head, n]) =>
      epoch ? { epoch, first: Number(first ?? 1), head: Number(head), n: Number(n) } : undefined,
    );
  }

  async subscribe(room: string, listener: (published: LogSlice) => void): Promise<() => void> {
    const { subscriber } = this.options;
    const subscription = {
      kind: 'sharded' as const,
      channels: [this.channel(room)],
      listener: (message: Buffer) => {
        const published = parsePublished(room, message);
        this.see(room, published);
        listener(published);
      },
    };
    await subscriber.subscribe(subscription).catch(unavailable);
    this.subscribed.set(room, (this.subscribed.get(room) ?? 0) + 1);
    return () => {
      this.forget(room);
      subscriber.unsubscribe(subscription);
    };
  }

  available(): boolean {
    return this.options.commands.ready && this.options.heartbeat.alive;
  }

  onRecovered(listener: () => void): void {
    this.recovered.push(listener);
  }

  /** To be called by the heartbeat. */
  recover(): void {
    for (const listener of this.recovered) listener();
  }

  private async read(
    room: string,
    direction: 'after' | 'before',
    seq: number,
    limit: number,
    maxBytes: number,
  ): Promise<LogSlice> {
    const args = [newEpoch(), ...this.lastSeen(room), EMPTY_ROOM_MS, direction, seq, limit, maxBytes];
    const reply = await this.call(read, room, args.map(String));
    const [epoch, first, head, n, ...rows] = reply as [string, number, number, number, ...Row[]];
    this.see(room, { epoch, head });
    return {
      epoch,
      first,
      head,
      n,
      entries: rows.map((row) => toEntry(room, epoch, row[0], row[1], parseBody(row[2]))),
    };
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

  private call(script: Script, room: string, args: string[]): Promise<unknown> {
    return script.run(this.options.commands, this.keys(room), args).catch(unavailable);
  }

  private keys(room: string): string[] {
    return roomKeys(this.options.keyPrefix, room);
  }

  private channel(room: string): string {
    return roomChannel(this.options.keyPrefix, room);
  }
}

function unavailable(cause: unknown): never {
  const error = new ChatError('unavailable');
  error.cause = cause;
  throw error;
}

const newEpoch = (): string => randomBytes(9).toString('base64url');

function toArgs(body: EntryBody): (string | number)[] {
  const key = JSON.stringify([body.from.id, body.id]);
  return [key, digestOf(body), body.kind === 'message' ? 1 : 0, body.at, JSON.stringify(body)];
}

/** What makes two entries with the same id the same: the content, not the time or the sender's shown name. */
function digestOf(body: EntryBody): string {
  const { kind } = body;
  const ref = kind === 'message' ? body.replyTo : body.target;
  const parts = [
    kind,
    textOf(body),
    ref?.from,
    ref?.id,
    ...(kind === 'reaction' ? [body.emoji, body.on] : []),
  ];
  return createHash('sha1').update(JSON.stringify(parts)).digest('base64');
}

const parseBody = (json: string): EntryBody => JSON.parse(json) as EntryBody;

function toEntry(room: string, epoch: string, seq: number, n: number, body: EntryBody): Entry {
  return { room, epoch, seq, n, ...body };
}

function parsePublished(room: string, message: Buffer): LogSlice {
  type Published = LogState & { v: number; entries: [seq: number, n: number, body: EntryBody][] };
  const { v, epoch, first, head, n, entries } = JSON.parse(message.toString()) as Published;
  if (v !== 1) throw new Error(`published in an unknown version: ${v}`);
  return {
    epoch,
    first,
    head,
    n,
    entries: entries.map(([seq, upTo, body]) => toEntry(room, epoch, seq, upTo, body)),
  };
}
