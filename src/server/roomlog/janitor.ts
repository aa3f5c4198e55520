import type { Redis } from '../../redis/redis';
import type { Shard } from '../../redis/shard';
import { roomKeys, type RoomKeys } from './keys';
import { scripts } from './scripts';

const CHECK_MS = 10_000;
/** Share of Redis's memory limit above which the oldest entries of all rooms are trimmed. */
const FULL = 0.75;
const TRIM_AT_ONCE = 1_000;
const SCAN_COUNT = 500;

export interface JanitorOptions {
  redis: Redis;
  keyPrefix: string;
  idWindowMs: number;
  report: (problem: string, error: unknown) => void;
}

/**
 * Keeps Redis, of a cluster each shard, below its memory limit: above 75 % the oldest entries go first, whatever room they are in, but
 * never one younger than the id window. What is then still too much fails at append. Several servers may do it at
 * once: each looks again after every room (and a lock could not be written to a Redis that is full).
 */
export class Janitor {
  private readonly timer: NodeJS.Timeout;
  private sweeping: Promise<number> | undefined;

  constructor(private readonly options: JanitorOptions) {
    this.timer = setInterval(
      () => {
        this.sweep().catch((error: unknown) => options.report('room logs could not be trimmed', error));
      },
      CHECK_MS + Math.random() * CHECK_MS,
    );
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Trims if Redis is too full; resolves with the number of entries removed. One sweep at a time. */
  sweep(): Promise<number> {
    this.sweeping ??= this.trimAll().finally(() => (this.sweeping = undefined));
    return this.sweeping;
  }

  private async trimAll(): Promise<number> {
    let removed = 0;
    for (const shard of this.options.redis.shards) removed += await this.trimOldest(shard);
    return removed;
  }

  private async trimOldest(shard: Shard): Promise<number> {
    if (!shard.commands.ready || !(await this.isFull(shard))) return 0;
    const oldest = await this.oldestOfRooms(shard);
    let removed = 0;
    while (await this.isFull(shard)) {
      const [room] = [...oldest].reduce((a, b) => (b[1] < a[1] ? b : a), ['', Infinity]);
      const count = room === '' ? 0 : await this.trim(shard, room);
      if (count === 0) break;
      removed += count;
      oldest.set(room, await this.oldestIn(shard, room));
    }
    if (removed > 0)
      this.options.report(`Redis is over 75 % full: ${removed} old entries were trimmed`, undefined);
    return removed;
  }

  private async isFull({ commands }: Shard): Promise<boolean> {
    const info = await commands.run((client) => client.info('memory'));
    const read = (field: string): number => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
    const limit = read('maxmemory');
    // What waits for clients to read it goes by itself.
    return limit > 0 && read('used_memory') - read('mem_clients_normal') > limit * FULL;
  }

  /** When the oldest entry of each room was accepted; Infinity for an empty one. */
  private async oldestOfRooms(shard: Shard): Promise<Map<string, number>> {
    const oldest = new Map<string, number>();
    for (const room of await this.rooms(shard)) oldest.set(room, await this.oldestIn(shard, room));
    return oldest;
  }

  private async oldestIn({ commands }: Shard, room: string): Promise<number> {
    const [, key] = this.keys(room);
    const entries = await commands.run((client) => client.xRange(key, '-', '+', { COUNT: 1 }));
    return Number(entries?.[0]?.message['at'] ?? Infinity);
  }

  private async rooms({ commands }: Shard): Promise<string[]> {
    const rooms: string[] = [];
    let cursor = '0';
    do {
      const options = { MATCH: this.keys('*')[1], COUNT: SCAN_COUNT };
      const page = await commands.run((client) => client.scan(cursor, options));
      for (const key of page.keys) rooms.push(key.slice(this.options.keyPrefix.length + 1, -'}:log'.length));
      cursor = page.cursor;
    } while (cursor !== '0');
    return rooms;
  }

  private async trim(shard: Shard, room: string): Promise<number> {
    const args = [TRIM_AT_ONCE, Date.now() - this.options.idWindowMs].map(String);
    return Number(await scripts.trim.run(shard, this.keys(room), args));
  }

  private keys(room: string): RoomKeys {
    return roomKeys(this.options.keyPrefix, room);
  }
}
