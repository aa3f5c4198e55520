import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ChatError } from '../../protocol/codes';
import type { User } from '../../protocol/entries';
import { Script } from '../../redis/script';
import type { Commands } from '../../redis/shard';
import type { Changes, Leases, PresenceStore, Summary } from './types';

export interface RedisPresenceOptions {
  commands: Commands;
  serverName: string;
  keyPrefix: string;
  available: (room: string) => boolean;
}

/** Leases are looked at every two seconds and rooms every second: a killed server is missed after twelve at most. */
const LEASE_MS = 9_000;
// Much longer than a round over all rooms takes, which keeps the keys up.
const KEEP_MS = 3_600_000;

const exchange = new Script(join(__dirname, 'exchange.lua'));
const renew = new Script(join(__dirname, 'renew.lua'));

/**
 * Presence in Redis: a hash of summaries for each room, a sorted set of members for each room and server, both in
 * the room's slot; and one sorted set of leases.
 */
export class RedisPresence implements PresenceStore {
  id: string;
  private leased = false;

  constructor(private readonly options: RedisPresenceOptions) {
    this.id = this.newId();
  }

  available(room: string): boolean {
    return this.options.available(room);
  }

  async renew(): Promise<Leases> {
    const live = this.leased ? await this.lease(LEASE_MS) : undefined;
    if (live?.has(this.id)) return { live, anew: false };
    this.leased = false;
    this.id = this.newId();
    const others = await this.lease(LEASE_MS);
    this.leased = true;
    return { live: others, anew: true };
  }

  async resign(afterMs: number): Promise<void> {
    if (this.leased) await this.lease(afterMs);
  }

  async exchange(room: string, { rev, whole, add, remove }: Changes): Promise<Summary[]> {
    if (!this.leased) throw new ChatError('unavailable');
    const keys: [string, string] = [this.summariesKey(room), this.membersKey(room, this.id)];
    const head = [this.id, rev, KEEP_MS, whole ? 1 : 0, remove.length].map(String);
    const args = [...head, ...remove.map(toMember), ...add.map(toMember)];
    const reply = (await exchange.run(this.options.commands, keys, args).catch(unavailable)) as string[];
    const summaries: Summary[] = [];
    for (let i = 0; i < reply.length; i += 2) summaries.push(toSummary(reply[i]!, reply[i + 1]!));
    return summaries;
  }

  async summaries(room: string): Promise<Summary[]> {
    const { commands } = this.options;
    const key = this.summariesKey(room);
    const rows = await commands.run(key, (client) => client.hGetAll(key)).catch(unavailable);
    return Object.entries(rows).map(([server, row]) => toSummary(server, row));
  }

  async list(room: string, servers: string[], after: string, limit: number): Promise<User[][]> {
    // Above all members of that id, whatever their names, and below those of any longer id.
    const min = after === '' ? '-' : `[${after}\u0001`;
    const options = { BY: 'LEX', LIMIT: { offset: 0, count: limit } } as const;
    const keys = servers.map((server) => this.membersKey(room, server));
    const read = (): Promise<string[][]> =>
      this.options.commands.run(this.summariesKey(room), (client) =>
        Promise.all(keys.map((key) => client.zRange(key, min, '+', options))),
      );
    const pages = keys.length > 0 ? await read().catch(unavailable) : [];
    return pages.map((page) => page.map(toUser));
  }

  async bury(room: string, servers: string[]): Promise<void> {
    const summaries = this.summariesKey(room);
    const keys = servers.map((server) => this.membersKey(room, server));
    const remove = (): Promise<unknown> =>
      this.options.commands.run(summaries, (client) =>
        Promise.all([client.del(keys), client.hDel(summaries, servers)]),
      );
    await remove().catch(unavailable);
  }

  /** All servers with a lease; this one's is renewed, if it is not over. */
  private async lease(forMs: number): Promise<ReadonlySet<string>> {
    const { commands, keyPrefix } = this.options;
    const args = [this.id, forMs, this.leased ? 1 : 0, KEEP_MS].map(String);
    const reply = await renew.run(commands, [`${keyPrefix}presence:leases`], args).catch(unavailable);
    return new Set(reply as string[]);
  }

  private newId(): string {
    return `${this.options.serverName}:${randomBytes(6).toString('hex')}`;
  }

  private summariesKey(room: string): string {
    return `${this.options.keyPrefix}{${room}}:present`;
  }

  private membersKey(room: string, server: string): string {
    return `${this.summariesKey(room)}:${server}`;
  }
}

function unavailable(cause: unknown): never {
  const error = new ChatError('unavailable');
  error.cause = cause;
  throw error;
}

function toSummary(server: string, row: string): Summary {
  const [rev, count] = row.split(':').map(Number);
  return { server, rev: rev ?? 0, count: count ?? 0 };
}

// Names have no control characters, so the last one ends the id.
const toMember = ({ id, name }: User): string => `${id}\u0000${name}`;

function toUser(member: string): User {
  const end = member.lastIndexOf('\u0000');
  return { id: member.slice(0, end), name: member.slice(end + 1) };
}
