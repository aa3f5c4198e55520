import { join } from 'node:path';
import { ChatError } from '../../protocol/codes';
import { LOBBY, MAX_MEMBERSHIPS } from '../../protocol/limits';
import { Script } from '../../redis/script';
import type { Commands } from '../../redis/shard';
import { userKey } from './access';
import { fieldsOf } from './fields';
import type { ChangeOutcome, Memberships, ReadMark, UserRooms } from './types';
import { Waiting, type Change } from './waiting';

const DAY_MS = 86_400_000;
const KEEP_MS = 90 * DAY_MS;
/** Others can make a user a member of direct rooms with them, but not fill his list. */
const MAX_INVITED = MAX_MEMBERSHIPS / 2;
const WRITES_AT_ONCE = 50;
const RETRY_MS = 2_000;

const add = new Script(join(__dirname, 'add.lua'));
const mark = new Script(join(__dirname, 'mark.lua'));

/** Memberships in Redis: one hash for each user, kept for 90 days after it was last used. */
export class RedisMemberships implements Memberships {
  private readonly waiting = new Waiting();
  private readonly writing = new Set<string>();
  private retry: NodeJS.Timeout | undefined;
  private flushing = false;
  private closed = false;

  constructor(
    private readonly commands: Commands,
    private readonly keyPrefix: string,
  ) {}

  async of(userId: string): Promise<UserRooms> {
    const fields = await fieldsOf(this.commands, this.key(userId), KEEP_MS).catch(unavailable);
    const rooms: UserRooms = new Map([...fields].map(([room, text]) => [room, parse(text)]));
    for (const change of this.waiting.of(userId)) {
      const { room } = change;
      if (!change.member) rooms.delete(room);
      else if (!rooms.has(room) && rooms.size < mostFor(change)) rooms.set(room, undefined);
    }
    return rooms;
  }

  change(userId: string, room: string, member: boolean): Promise<ChangeOutcome> {
    return this.put({ userId, room, member, invited: false });
  }

  invite(userId: string, room: string): Promise<ChangeOutcome> {
    return this.put({ userId, room, member: true, invited: true });
  }

  async mark(userId: string, room: string, { epoch, seq, n }: ReadMark): Promise<ReadMark | undefined> {
    const isMember = room === LOBBY || this.waiting.get(userId, room)?.member === true;
    const args = [room, epoch, seq, n, isMember ? 1 : 0, KEEP_MS].map(String);
    const reply = await mark.run(this.commands, [this.key(userId)], args).catch(unavailable);
    if (reply === null) return undefined;
    const [seqInForce, nInForce] = reply as [number, number];
    return { epoch, seq: seqInForce, n: nInForce };
  }

  flush(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    if (!this.closed && !this.flushing) void this.writeAll();
  }

  /** What is not written by now is lost. */
  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
  }

  private put(change: Omit<Change, 'tried' | 'done'>): Promise<ChangeOutcome> {
    return new Promise((done) => {
      this.waiting.put({ ...change, tried: false, done });
      void this.write(change);
    });
  }

  /** Not all at once: Redis has others to serve when it is back. The first failure ends it until the next time. */
  private async writeAll(): Promise<void> {
    this.flushing = true;
    const all = this.waiting.all();
    const writeOn = async (): Promise<void> => {
      for (const change of all) if (!(await this.write(change))) return;
    };
    await Promise.all(Array.from({ length: WRITES_AT_ONCE }, writeOn));
    this.flushing = false;
    if (this.waiting.size > 0) this.retryLater();
  }

  /**
   * One write at a time for a user and room, so that what came last is what stays. Never rejects; resolves with
   * whether Redis answered.
   */
  private async write({ userId, room }: Pick<Change, 'userId' | 'room'>): Promise<boolean> {
    const name = JSON.stringify([userId, room]);
    if (this.writing.has(name)) return true;
    this.writing.add(name);
    try {
      for (let change = this.waiting.get(userId, room); change; change = this.waiting.get(userId, room)) {
        const outcome = await this.carryOut(change);
        if (this.waiting.remove(change)) change.done(outcome);
      }
      return true;
    } catch {
      // Also without an outage that anybody else notices: one deadline may pass on a busy machine.
      this.retryLater();
      return false;
    } finally {
      this.writing.delete(name);
    }
  }

  private retryLater(): void {
    if (!this.closed) this.retry ??= setTimeout(() => this.flush(), RETRY_MS);
  }

  /** A change that was tried before may have been written then: who is to hear of it has not. */
  private async carryOut(change: Change): Promise<ChangeOutcome> {
    const { userId, room, member, invited, tried } = change;
    const key = this.key(userId);
    change.tried = true;
    const keepMs = invited ? DAY_MS : KEEP_MS;
    const changed = member
      ? await add.run(this.commands, [key], [room, `${mostFor(change)}`, `${keepMs}`])
      : await this.commands.run(key, (client) => client.hDel(key, room));
    if (changed === -1) return 'full';
    return changed === 1 || tried ? 'changed' : 'same';
  }

  private key(userId: string): string {
    return `${this.keyPrefix}{user:${userKey(userId)}}:rooms`;
  }
}

const mostFor = ({ invited }: Change): number => (invited ? MAX_INVITED : MAX_MEMBERSHIPS);

function parse(text: string): ReadMark | undefined {
  const [epoch, seq, n] = text.split(' ');
  return epoch && seq && n ? { epoch, seq: Number(seq), n: Number(n) } : undefined;
}

function unavailable(): never {
  throw new ChatError('unavailable');
}
