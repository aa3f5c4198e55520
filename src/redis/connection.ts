import { createClient, type RedisClientOptions } from 'redis';
import { isElsewhere, RedisAway } from './away';
import { Deadline, DeadlinePassed } from '../deadline';

export type Client = ReturnType<typeof newClient>;
type Listener = (message: Buffer, channel: Buffer) => unknown;

/** One subscription: what to listen to, and who is told. `channels` of kind pattern are glob patterns. */
export interface Subscription {
  kind: 'sharded' | 'plain' | 'pattern';
  channels: string[];
  listener: Listener;
  /** What it goes by in a cluster, if not by its channel. */
  key?: string;
}

export interface ConnectionOptions {
  url: string;
  /** Shown by CLIENT LIST. */
  name: string;
  /** A command that has no answer after this many milliseconds has failed. */
  deadlineMs: number;
  onError: (error: Error) => void;
}

// Without any traffic for this long a connection counts as dead: the subscriber hears a beat every second.
const IDLE_MS = 3_500;
const RETRY_MAX_MS = 500;
const LOST_MS = 2_000;

/**
 * A guarded connection to Redis. It never throws outside of the promises it returns, never queues
 * commands for later, never waits longer than the deadline, and never gives up reconnecting.
 * Each of the opposites was seen to kill, deafen or flood a server (docs/decisions/0003).
 */
export class RedisConnection {
  private client: Client;
  private readonly deadline = new Deadline();
  /** Each with its listener as node-redis knows it: unsubscribing needs the same one. */
  private readonly subscriptions = new Map<Subscription, Listener>();
  /** Ended while offline; node-redis would set them up again. */
  private ended: [Subscription, Listener][] = [];
  private applied = new WeakSet<Subscription>();
  private readonly readyListeners: (() => void)[] = [];
  private closed = false;
  private lost: NodeJS.Timeout | undefined;
  private currentUrl: string;

  constructor(private readonly options: ConnectionOptions) {
    this.currentUrl = options.url;
    this.client = this.open();
  }

  /** Whether commands are sent at the moment; without it they fail at once. */
  get ready(): boolean {
    return this.client.isReady;
  }

  /** Where it leads. */
  get url(): string {
    return this.currentUrl;
  }

  /** Called each time the connection is ready again and its subscriptions have been set up again. */
  onReady(listener: () => void): void {
    this.readyListeners.push(listener);
  }

  /** Runs a command. Rejects with RedisAway; past the deadline the connection is made anew as well. */
  async run<T>(command: (client: Client) => Promise<T>): Promise<T> {
    const client = this.client;
    const answer = command(client);
    try {
      return await this.deadline.within(this.options.deadlineMs, answer);
    } catch (error) {
      if (client === this.client && error instanceof DeadlinePassed) this.rebuild();
      throw new RedisAway(error);
    }
  }

  /** Resolves when Redis has confirmed the subscription; from then on it is kept up until `unsubscribe`. */
  async subscribe(subscription: Subscription): Promise<void> {
    this.add(subscription);
    try {
      await this.apply(subscription);
    } catch (error) {
      this.subscriptions.delete(subscription);
      throw error;
    }
  }

  /** As `subscribe`, but without waiting: it is set up whenever the connection is ready. */
  keepSubscribed(subscription: Subscription): void {
    this.add(subscription);
    this.apply(subscription).catch(() => undefined); // 'ready' applies it
  }

  unsubscribe(subscription: Subscription): void {
    const listener = this.subscriptions.get(subscription);
    if (!listener) return;
    this.subscriptions.delete(subscription);
    if (this.applied.has(subscription)) this.end(subscription, listener);
  }

  /** Replaces the connection: in-flight commands fail, subscriptions are set up again. */
  rebuild(): void {
    if (this.closed) return;
    clearTimeout(this.lost);
    const old = this.client;
    this.applied = new WeakSet();
    this.ended = [];
    this.client = this.open();
    destroy(old);
  }

  /** From now on it leads there. */
  moveTo(url: string): void {
    this.currentUrl = url;
    this.rebuild();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.lost);
    destroy(this.client);
  }

  private open(): Client {
    const client = newClient({ ...this.options, url: this.currentUrl });
    client.on('error', this.options.onError);
    client.on('sharded-channel-moved', () => this.lose());
    client.on('ready', () => {
      // One that was replaced while it was connecting has finished all the same.
      if (client === this.client && !this.closed) void this.restore(client);
      else destroy(client);
    });
    client.connect().catch((error: unknown) => this.options.onError(new RedisAway(error)));
    return client;
  }

  /** node-redis resubscribes by itself after a reconnect of the same client; a new client needs it from here. */
  private async restore(client: Client): Promise<void> {
    try {
      for (const [subscription, listener] of this.ended.splice(0)) this.end(subscription, listener);
      await Promise.all([...this.subscriptions.keys()].map((subscription) => this.apply(subscription)));
    } catch (error) {
      const again = (): void => void (client === this.client && client.isReady && this.rebuild());
      if (isElsewhere(error)) setTimeout(again, RETRY_MAX_MS).unref();
      else again();
      return;
    }
    for (const listener of this.readyListeners) listener();
  }

  /** A cluster ended a subscription, because its slot left this node. What has not moved after it by then is set up again. */
  private lose(): void {
    clearTimeout(this.lost);
    this.lost = setTimeout(() => this.rebuild(), LOST_MS).unref();
  }

  private add(subscription: Subscription): void {
    this.subscriptions.set(subscription, guarded(subscription.listener, this.options.onError));
  }

  private async apply(subscription: Subscription): Promise<void> {
    const listener = this.subscriptions.get(subscription);
    if (!listener || this.applied.has(subscription)) return;
    // node-redis would queue it: pub/sub commands do not heed disableOfflineQueue.
    if (!this.ready) throw new RedisAway('not connected');
    const { applied } = this;
    applied.add(subscription);
    try {
      await this.run((client) =>
        client[subscribeVerb[subscription.kind]](subscription.channels, listener, true),
      );
    } catch (error) {
      applied.delete(subscription);
      throw error;
    }
  }

  /** With its listener: without, node-redis takes a subscription that follows at once for one it has already. */
  private end(subscription: Subscription, listener: Listener): void {
    if (!this.ready) {
      this.ended.push([subscription, listener]);
      return;
    }
    const verb = unsubscribeVerb[subscription.kind];
    this.run((client) => client[verb](subscription.channels, listener, true)).catch(() => undefined);
  }
}

const subscribeVerb = { sharded: 'sSubscribe', plain: 'subscribe', pattern: 'pSubscribe' } as const;
const unsubscribeVerb = { sharded: 'sUnsubscribe', plain: 'unsubscribe', pattern: 'pUnsubscribe' } as const;

function newClient({ url, name, deadlineMs }: ConnectionOptions) {
  const options = {
    url,
    name,
    RESP: 3,
    disableOfflineQueue: true,
    // Deadlines are ours; theirs costs an AbortSignal and, seconds later, a DOMException for each command.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: deadlineMs,
      socketTimeout: IDLE_MS,
      reconnectStrategy: (retries: number) =>
        Math.random() * Math.min(RETRY_MAX_MS, 50 * 2 ** Math.min(retries, 5)),
    },
  } as const satisfies RedisClientOptions;
  return createClient(options);
}

/** A listener that throws would end the delivery to all others of this connection. */
function guarded(listener: Listener, onError: (error: Error) => void): Listener {
  return (message, channel) => {
    try {
      const result = listener(message, channel);
      if (result instanceof Promise) result.catch(onError);
    } catch (error) {
      onError(error as Error);
    }
  };
}

function destroy(client: Client): void {
  try {
    client.destroy();
  } catch {
    // it was not connected
  }
}
