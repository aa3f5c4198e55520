import { join } from 'node:path';
import { ChatError } from '../../protocol/codes';
import { LOBBY, MAX_MEMBERSHIPS } from '../../protocol/limits';
import type { RedisConnection } from '../../redis/connection';
import { Script } from '../../redis/script';
import { userKey } from './access';
import { fieldsOf } from './fields';
import type { Memberships, ReadMark, UserRooms } from './types';

const KEEP_MS = 90 * 86_400_000;
/** Changes that wait for Redis; past that the oldest are forgotten: the rooms can be joined again. */
const MAX_WAITING = 10_000;
const RETRY_MS = 2_000;

interface Change {
  userId: string;
  room: string;
  member: boolean;
  most: number;
}

const add = new Script(join(__dirname, 'add.lua'));
const mark = new Script(join(__dirname, 'mark.lua'));

/** Memberships in Redis: one hash for each user, kept for 90 days after it was last used. */
export class RedisMemberships implements Memberships {
  /** What is to be, by user and room, as long as Redis has not taken it. */
  private readonly waiting = new Map<string, Change>();
  private readonly writing = new Set<string>();
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly commands: RedisConnection,
    private readonly keyPrefix: string,
  ) {}

  async of(userId: string): Promise<UserRooms> {
    const fields = await fieldsOf(this.commands, this.key(userId), KEEP_MS).catch(unavailable);
    const rooms: UserRooms = new Map([...fields].map(([room, text]) => [room, parse(text)]));
    for (const change of this.waiting.values()) {
      if (change.userId !== userId) continue;
      if (!change.member) rooms.delete(change.room);
      else if (!rooms.has(change.room)) rooms.set(change.room, undefined);
    }
    return rooms;
  }

  change(userId: string, room: string, member: boolean, most = MAX_MEMBERSHIPS): void {
    const name = nameOf(userId, room);
    const [oldest] = this.waiting.keys();
    if (this.waiting.size >= MAX_WAITING && oldest !== undefined) this.waiting.delete(oldest);
    this.waiting.set(name, { userId, room, member, most });
    void this.write(name);
  }

  async mark(userId: string, room: string, { epoch, seq, n }: ReadMark): Promise<ReadMark | undefined> {
    const isMember = room === LOBBY || this.waiting.get(nameOf(userId, room))?.member === true;
    const args = [room, epoch, seq, n, isMember ? 1 : 0, KEEP_MS].map(String);
    const reply = await mark.run(this.commands, [this.key(userId)], args).catch(unavailable);
    if (reply === null) return undefined;
    const [seqInForce, nInForce] = reply as [number, number];
    return { epoch, seq: seqInForce, n: nInForce };
  }

  flush(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    if (this.closed) return;
    for (const name of this.waiting.keys()) void this.write(name);
  }

  /** What is not written by now is lost. */
  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
  }

  /** One write at a time for a user and room, so that what came last is what stays. Never rejects. */
  private async write(name: string): Promise<void> {
    if (this.writing.has(name)) return;
    this.writing.add(name);
    try {
      for (let change = this.waiting.get(name); change; change = this.waiting.get(name)) {
        await this.carryOut(change);
        if (this.waiting.get(name) === change) this.waiting.delete(name);
      }
    } catch {
      // Also without an outage that anybody else notices: one deadline may pass on a busy machine.
      if (!this.closed) this.retry ??= setTimeout(() => this.flush(), RETRY_MS);
    } finally {
      this.writing.delete(name);
    }
  }

  private carryOut({ userId, room, member, most }: Change): Promise<unknown> {
    const key = this.key(userId);
    if (member) return add.run(this.commands, [key], [room, `${most}`, `${KEEP_MS}`]);
    return this.commands.run((client) => client.hDel(key, room));
  }

  private key(userId: string): string {
    return `${this.keyPrefix}{user:${userKey(userId)}}:rooms`;
  }
}

const nameOf = (userId: string, room: string): string => JSON.stringify([userId, room]);

function parse(text: string): ReadMark | undefined {
  const [epoch, seq, n] = text.split(' ');
  return epoch && seq && n ? { epoch, seq: Number(seq), n: Number(n) } : undefined;
}

function unavailable(): never {
  throw new ChatError('unavailable');
}
