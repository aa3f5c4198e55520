import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisAway, type AwayReason } from '../../redis/away';
import { parseInfo } from '../../redis/preflight';
import { Script } from '../../redis/script';
import type { Shard } from '../../redis/shard';
import { every } from '../../rounds';

const PROBE_MS = 250;
/**
 * For how long nothing is appended to a Redis that is another one than before. It may have gone back, and every
 * server needs the time to come back, too, and to put back what it knows: else seqs would be given twice. Servers
 * try to connect every half second at the latest.
 */
const SETTLE_MS = 1_000;

const probe = new Script(join(__dirname, 'probe.lua'));

type Doubt = AwayReason | 'unverified' | 'settling';

export interface AvailabilityOptions {
  shard: Shard;
  /** The key that is written to see whether that works. */
  probeKey: string;
  /** Holds the run id of the Redis that was last found to know all: by that a new server sees that it is another one. */
  runKey: string;
  /** Redis is another one than before. Resolves when it knows again what this server knows. */
  restore: () => Promise<void>;
  report: (problem: string, error: unknown) => void;
}

/** Whether Redis takes appends, as far as that is known without asking: in doubt it is asked until it does. */
export class Availability {
  private doubt: Doubt | undefined = 'unverified';
  private doubts = 0;
  private runId: string | undefined;
  private probing = false;
  private reported = false;
  private readonly listeners: (() => void)[] = [];
  private readonly endRounds: () => void;

  constructor(private readonly options: AvailabilityOptions) {
    options.shard.commands.onReady(() => {
      this.raise(this.doubt ?? 'unverified');
      void this.check();
    });
    this.endRounds = every(PROBE_MS, () => void this.check());
  }

  get writable(): boolean {
    return this.doubt === undefined && this.options.shard.commands.ready;
  }

  /** Why it is not writable. */
  get reason(): Doubt | undefined {
    return this.options.shard.commands.ready ? this.doubt : (this.doubt ?? 'unreachable');
  }

  /** Called each time that it becomes writable. */
  onWritable(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** An append failed. */
  failed(error: unknown): void {
    const reason = error instanceof RedisAway ? error.reason : 'failed';
    // What Redis says against one room (its keys are damaged, or on their way to another node) says nothing of the others.
    if (reason === 'failed') return;
    this.raise(reason);
    if (this.reported) return;
    this.reported = true;
    this.options.report(`Redis is away (${this.reason}): messages are kept on the disk`, error);
  }

  stop(): void {
    this.endRounds();
  }

  private raise(doubt: Doubt): void {
    this.doubt = doubt;
    this.doubts++;
  }

  private async check(): Promise<void> {
    if (this.probing || this.doubt === undefined || !this.options.shard.commands.ready) return;
    this.probing = true;
    const { doubts } = this;
    try {
      await this.prove();
      if (doubts === this.doubts) this.trust();
    } catch (error) {
      if (error instanceof RedisAway && this.doubt !== 'settling') this.doubt = error.reason;
    } finally {
      this.probing = false;
    }
  }

  private async prove(): Promise<void> {
    const { shard, probeKey, runKey, restore } = this.options;
    const { commands } = shard;
    await probe.run(shard, [probeKey], []);
    const { run_id: runId = '' } = parseInfo(await commands.run((client) => client.info('server')));
    const known = this.runId ?? (await commands.run((client) => client.get(runKey))) ?? runId;
    if (runId !== known) {
      this.doubt = 'settling';
      await Promise.all([restore(), sleep(SETTLE_MS)]);
    }
    await commands.run((client) => client.set(runKey, runId));
    this.runId = runId;
  }

  private trust(): void {
    this.doubt = undefined;
    if (this.reported) this.options.report('Redis takes messages again', undefined);
    this.reported = false;
    for (const listener of this.listeners) listener();
  }
}
