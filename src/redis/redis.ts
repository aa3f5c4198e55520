import { redisAddresses } from '../config/redis-addresses';
import { RedisAway } from './away';
import type { Client, Subscription } from './connection';
import { Shard, tagIn, type Commands, type Connect } from './shard';
import { SLOTS, slotOf } from './slots';
import { Topology, type LocatedMaster } from './topology';

/** Told of a shard; returns what is to be done when that is no part of it any more. */
type ShardListener = (shard: Shard) => () => void;

/**
 * The fleet's Redis: one, or a cluster, by the number of its addresses. What is for a key, or for a channel, goes to the
 * shard that has it; one Redis is a single shard that has all. Does not wait for Redis, and never throws.
 */
export class Redis implements Commands {
  private all: Shard[] = [];
  private complete = false;
  /** By slot; of a cluster alone. */
  private readonly bySlot: (Shard | undefined)[] | undefined;
  private readonly topology: Topology | undefined;
  /** Each subscription with the shard that it is at. */
  private readonly routes = new Map<Subscription, Shard | undefined>();
  private readonly shardListeners: ShardListener[] = [];
  private readonly endings = new Map<Shard, (() => void)[]>();

  constructor(
    url: string,
    private readonly connect: Connect,
  ) {
    const addresses = redisAddresses(url);
    if (addresses.length === 1) {
      this.all = [new Shard(connect, url)];
      this.complete = true;
      return;
    }
    this.bySlot = new Array<undefined>(SLOTS).fill(undefined);
    const connections = () => this.all.map(({ commands }) => commands);
    const learned = (masters: LocatedMaster[]): void => this.assign(masters);
    this.topology = new Topology({ addresses, connect, connections, learned });
  }

  get shards(): readonly Shard[] {
    return this.all;
  }

  /** Undefined for a key in a slot that no master is known to have. */
  shardOf(key: string): Shard | undefined {
    return this.bySlot ? this.bySlot[slotOf(key)] : this.all[0];
  }

  /** Whether each slot is known to have a master, be that away or not. */
  get isComplete(): boolean {
    return this.complete;
  }

  /** Whether all of it takes commands. */
  get ready(): boolean {
    return this.complete && this.all.every(({ commands }) => commands.ready);
  }

  /** Called each time that a part of it is ready again. */
  onReady(listener: () => void): void {
    this.onShard(({ commands }) => {
      commands.onReady(listener);
      return () => undefined;
    });
  }

  /** Called for each shard, now and later. */
  onShard(listener: ShardListener): void {
    this.shardListeners.push(listener);
    for (const shard of this.all) this.tell(listener, shard);
  }

  run<T>(key: string, command: (client: Client) => Promise<T>): Promise<T> {
    const shard = this.shardOf(key);
    return shard ? shard.commands.run(command) : Promise.reject(uncovered());
  }

  /** One command for each of these keys, in their order; all that are at one shard go there together, under one deadline. */
  async runEach<T>(keys: string[], command: (client: Client, key: string) => Promise<T>): Promise<T[]> {
    const places = new Map<Shard | undefined, number[]>();
    keys.forEach((key, i) => {
      const shard = this.shardOf(key);
      places.set(shard, [...(places.get(shard) ?? []), i]);
    });
    const answers = new Array<T>(keys.length);
    await Promise.all(
      [...places].map(async ([shard, at]) => {
        if (!shard) throw uncovered();
        const all = await shard.commands.run((client) =>
          Promise.all(at.map((i) => command(client, keys[i]!))),
        );
        at.forEach((i, j) => (answers[i] = all[j]!));
      }),
    );
    return answers;
  }

  /** Resolves when Redis has confirmed the subscription; from then on it is kept up until `unsubscribe`. */
  async subscribe(subscription: Subscription): Promise<void> {
    const shard = this.routeOf(subscription);
    if (!shard) throw uncovered();
    this.routes.set(subscription, shard);
    try {
      await shard.subscriber.subscribe(subscription);
    } catch (error) {
      this.unsubscribe(subscription);
      throw error;
    }
  }

  /** As `subscribe`, but without waiting. */
  keepSubscribed(subscription: Subscription): void {
    const shard = this.routeOf(subscription);
    this.routes.set(subscription, shard);
    shard?.subscriber.keepSubscribed(subscription);
  }

  unsubscribe(subscription: Subscription): void {
    this.routes.get(subscription)?.subscriber.unsubscribe(subscription);
    this.routes.delete(subscription);
  }

  close(): void {
    this.topology?.close();
    for (const shard of this.all) this.end(shard);
  }

  private routeOf({ key, channels: [channel] }: Subscription): Shard | undefined {
    return this.shardOf(key ?? channel!);
  }

  private assign(masters: LocatedMaster[]): void {
    const before = this.all;
    const known = masters.map((master) => before.find((shard) => shard.isContinuedBy(master)));
    this.all = masters.map(
      ({ url, nodes, slots }, i) => known[i] ?? new Shard(this.connect, url, nodes, tagIn(slots)),
    );
    this.bySlot!.fill(undefined);
    masters.forEach(({ url, nodes, slots }, i) => {
      this.all[i]!.moveTo(url, nodes);
      for (const [first, last] of slots) this.bySlot!.fill(this.all[i], first, last + 1);
    });
    this.complete = !this.bySlot!.includes(undefined);
    for (const shard of this.all.filter((each) => !before.includes(each)))
      for (const listener of this.shardListeners) this.tell(listener, shard);
    this.reroute();
    for (const shard of before.filter((each) => !this.all.includes(each))) this.end(shard);
  }

  /** What was published between the slot's move and this is found by comparing heads, as anything that got lost. */
  private reroute(): void {
    for (const [subscription, shard] of this.routes) {
      if (this.routeOf(subscription) === shard) continue;
      shard?.subscriber.unsubscribe(subscription);
      this.keepSubscribed(subscription);
    }
  }

  private tell(listener: ShardListener, shard: Shard): void {
    this.endings.set(shard, [...(this.endings.get(shard) ?? []), listener(shard)]);
  }

  private end(shard: Shard): void {
    for (const ending of this.endings.get(shard) ?? []) ending();
    this.endings.delete(shard);
    shard.close();
  }
}

const uncovered = (): RedisAway => new RedisAway('no master is known to have this slot');
