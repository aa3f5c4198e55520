import type { RedisConnection } from './connection';
import type { Shard } from './shard';
import { every } from '../rounds';

const BEAT_MS = 1_000;
const MISSES = 2;

/**
 * Proves by delivery that messages get through: every second a server publishes a beat to a channel
 * of its own and expects to hear it. Two misses mean that the subscriber is deaf, whatever its
 * connection says: it is made anew. `onRecovered` is called when beats get through again after any
 * doubt, that is, when publications may have been missed.
 */
export class Heartbeat {
  private sent = 0;
  private heard = 0;
  /** Beats up to this one do not prove anything: they were sent before the last doubt. */
  private doubtedUpTo = 0;
  private doubt = true;
  private readonly endRounds: () => void;

  private readonly commands: RedisConnection;
  private readonly subscriber: RedisConnection;
  private readonly channel: string;
  private readonly kind: 'plain' | 'sharded';

  constructor(
    shard: Shard,
    channel: string,
    private readonly onRecovered: () => void,
  ) {
    this.channel = shard.key(channel);
    // A cluster carries a plain one to each of its nodes.
    this.kind = shard.isWhole ? 'plain' : 'sharded';
    this.commands = shard.commands;
    this.subscriber = shard.subscriber;
    this.subscriber.keepSubscribed({
      kind: this.kind,
      channels: [this.channel],
      listener: (message) => this.hear(message),
    });
    this.subscriber.onReady(() => {
      this.raiseDoubt();
      this.beat();
    });
    this.commands.onReady(() => this.beat());
    this.endRounds = every(BEAT_MS, () => this.tick());
  }

  /** Whether publications get through, as far as anybody can know. */
  get alive(): boolean {
    return !this.doubt;
  }

  stop(): void {
    this.endRounds();
  }

  private tick(): void {
    if (this.sent - this.heard >= MISSES) {
      this.raiseDoubt();
      this.heard = this.sent;
      if (this.commands.ready && this.subscriber.ready) this.subscriber.rebuild();
    }
    this.beat();
  }

  private raiseDoubt(): void {
    this.doubt = true;
    this.doubtedUpTo = this.sent;
  }

  private beat(): void {
    const beat = String(++this.sent);
    const verb = this.kind === 'plain' ? 'publish' : 'sPublish';
    this.commands.run((client) => client[verb](this.channel, beat)).catch(() => undefined); // it is missed
  }

  private hear(message: Buffer): void {
    const beat = Number(message.toString());
    this.heard = Math.max(this.heard, beat);
    if (!this.doubt || beat <= this.doubtedUpTo) return;
    this.doubt = false;
    this.onRecovered();
  }
}
