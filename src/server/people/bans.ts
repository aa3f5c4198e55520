import type { Redis } from '../../redis/redis';
import { fieldsOf } from './fields';
import { every } from '../../rounds';

const RELOAD_MS = 10_000;

/** `until`: ms since 1970; 0 for ever. */
export interface Ban {
  user: string;
  until: number;
}

export interface BanListOptions {
  redis: Redis;
  keyPrefix: string;
}

/**
 * Who may not connect: a hash in Redis, and a copy in the memory of each server, so that no connect waits for
 * Redis. The copy is read again every ten seconds: a change that a server was not told of shows then.
 */
export class BanList {
  private bans = new Map<string, number>();
  private readonly key: string;
  private readonly endRounds: () => void;
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly options: BanListOptions) {
    this.key = `${options.keyPrefix}bans`;
    this.endRounds = every(RELOAD_MS, () => this.reload());
    options.redis.onReady(() => this.reload());
  }

  /** By the copy. */
  isBanned(user: string): boolean {
    const until = this.bans.get(user);
    return until !== undefined && (until === 0 || until > Date.now());
  }

  /** Called after the copy was read again. */
  onLoaded(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Reads the list again; the copy stays as it is if Redis does not answer. */
  reload(): void {
    this.all().catch(() => undefined);
  }

  /** All bans in force, from Redis. Rejects with RedisAway, as the others here. */
  async all(): Promise<Ban[]> {
    const fields = await fieldsOf(this.options.redis, this.key);
    this.bans = new Map([...fields].map(([user, until]) => [user, Number(until)]));
    for (const listener of this.listeners) listener();
    return [...this.bans].flatMap(([user, until]) => (this.isBanned(user) ? [{ user, until }] : []));
  }

  /** On the list, not in any copy yet. */
  async add({ user, until }: Ban): Promise<void> {
    await this.options.redis.run(this.key, (client) => client.hSet(this.key, user, `${until}`));
  }

  /** Resolves with whether the user was on the list. */
  async remove(user: string): Promise<boolean> {
    const wasBanned = (await this.all()).some((ban) => ban.user === user);
    await this.options.redis.run(this.key, (client) => client.hDel(this.key, user));
    await this.all();
    return wasBanned;
  }

  /** Reads the list again, and takes off it what is over. */
  async tidy(): Promise<void> {
    await this.all();
    const past = [...this.bans.keys()].filter((user) => !this.isBanned(user));
    if (past.length > 0) await this.options.redis.run(this.key, (client) => client.hDel(this.key, past));
  }

  stop(): void {
    this.endRounds();
  }
}
