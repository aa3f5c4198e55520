import { Heartbeat } from '../../redis/heartbeat';
import type { Redis } from '../../redis/redis';
import type { Shard } from '../../redis/shard';
import { Availability } from './availability';
import type { ForgetfulListener } from './types';

/** A part of the log, with the rooms that a shard has: it is away, and comes back, by itself. */
export interface Part {
  shard: Shard;
  heartbeat: Heartbeat;
  availability: Availability;
}

export interface PartsOptions {
  redis: Redis;
  name: string;
  keyPrefix: string;
  /** A key of this room. */
  keyOf: (room: string) => string;
  report: (problem: string, error: unknown) => void;
}

/** The parts of the log: one for one Redis, of a cluster one for each shard. */
export class Parts {
  readonly recovered: (() => void)[] = [];
  readonly writable: (() => void)[] = [];
  readonly forgetful: ForgetfulListener[] = [];
  private readonly parts = new Map<Shard, Part>();

  constructor(private readonly options: PartsOptions) {
    options.redis.onShard((shard) => {
      this.parts.set(shard, this.open(shard));
      return () => this.end(shard);
    });
  }

  of(room: string): Part | undefined {
    const { redis, keyOf } = this.options;
    const shard = redis.shardOf(keyOf(room));
    return shard && this.parts.get(shard);
  }

  /** Whether it holds of the part with this room; of a room that no part is known to have nothing holds. */
  ofRoom(room: string, holds: (part: Part) => boolean): boolean {
    const part = this.of(room);
    return part !== undefined && holds(part);
  }

  /** Whether it holds of all parts, and these have all rooms. */
  every(holds: (part: Part) => boolean): boolean {
    const parts = [...this.parts.values()];
    return this.options.redis.isComplete && parts.length > 0 && parts.every(holds);
  }

  some(holds: (part: Part) => boolean): boolean {
    return [...this.parts.values()].some(holds);
  }

  close(): void {
    for (const shard of this.parts.keys()) this.end(shard);
  }

  private open(shard: Shard): Part {
    const { redis, name, keyPrefix, keyOf, report } = this.options;
    const isHere = (room: string): boolean => redis.shardOf(keyOf(room)) === shard;
    const concerns = shard.isWhole ? undefined : isHere;
    const availability = new Availability({
      shard,
      probeKey: shard.key(`${keyPrefix}probe`),
      runKey: shard.key(`${keyPrefix}run`),
      restore: async () => void (await Promise.all(this.forgetful.map((listener) => listener(concerns)))),
      report,
    });
    availability.onWritable(() => callAll(this.writable));
    const heartbeat = new Heartbeat(shard, `${keyPrefix}beat:${name}`, () => callAll(this.recovered));
    return { shard, heartbeat, availability };
  }

  private end(shard: Shard): void {
    const part = this.parts.get(shard);
    this.parts.delete(shard);
    part?.availability.stop();
    part?.heartbeat.stop();
  }
}

function callAll(listeners: (() => void)[]): void {
  for (const listener of listeners) listener();
}
