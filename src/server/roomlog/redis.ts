import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ChatError } from '../../protocol/codes';
import type { Entry, EntryBody } from '../../protocol/entries';
import type { RedisConnection } from '../../redis/connection';
import type { Heartbeat } from '../../redis/heartbeat';
import { Script } from '../../redis/script';
import { roomChannel, roomKeys } from './keys';
import type { AppendResult, LogSlice, LogState, RoomLog } from './types';

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

  constructor(private readonly options: RedisRoomLogOptions) {}

  async append(room: string, bodies: EntryBody[]): Promise<AppendResult[]> {
    const { keepEntries, keepMs, idWindowMs } = this.options.retention;
    const args = [
      this.channel(room),
      Date.now(),
      newEpoch(),
      keepEntries,
      keepMs,
      idWindowMs,
      ...bodies.flatMap(toArgs),
    ];
    const reply = await this.call(append, room, args.map(String));
    const [epoch, ...places] = reply as [string, ...[status: 0 | 1 | 2, seq: number, at: number][]];
    return places.map(([status, seq, at]) => ({ status: STATUS[status], epoch, seq, at }));
  }

  readAfter(room: string, after: number, limit: number): Promise<LogSlice> {
    return this.read(room, 'after', after, limit);
  }

  async readBefore(room: string, before: number, limit: number): Promise<LogSlice> {
    const slice = await this.read(room, 'before', before, limit);
    slice.entries.reverse();
    return slice;
  }

  async heads(rooms: string[]): Promise<(Pick<LogState, 'epoch' | 'head'> | undefined)[]> {
    const { commands } = this.options;
    const replies = await Promise.all(
      rooms.map((room) => commands.run((client) => client.hmGet(this.keys(room)[0]!, ['epoch', 'head']))),
    ).catch(unavailable);
    return replies.map(([epoch, head]) => (epoch ? { epoch, head: Number(head) } : undefined));
  }

  async subscribe(room: string, listener: (published: LogSlice) => void): Promise<() => void> {
    const { subscriber } = this.options;
    const subscription = {
      kind: 'sharded' as const,
      channels: [this.channel(room)],
      listener: (message: Buffer) => listener(parsePublished(room, message)),
    };
    await subscriber.subscribe(subscription).catch(unavailable);
    return () => subscriber.unsubscribe(subscription);
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
  ): Promise<LogSlice> {
    const args = [newEpoch(), EMPTY_ROOM_MS, direction, seq, limit];
    const reply = await this.call(read, room, args.map(String));
    const [epoch, first, head, n, ...rows] = reply as [string, number, number, number, ...Row[]];
    return {
      epoch,
      first,
      head,
      n,
      entries: rows.map((row) => toEntry(room, epoch, row[0], row[1], parseBody(row[2]))),
    };
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
function digestOf({ kind, text, replyTo }: EntryBody): string {
  const content = JSON.stringify([kind, text, replyTo?.from, replyTo?.id]);
  return createHash('sha1').update(content).digest('base64');
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
