import { join } from 'node:path';
import type { Redis } from '../redis/redis';
import { Script } from '../redis/script';
import { every } from '../rounds';
import { fieldOf, hourKey, hourOf, KEEP_MS, type Totals } from './hours';
import { Ledger, type Change } from './ledger';

const WRITE_MS = 1_000;

export interface UsageOptions {
  redis: Pick<Redis, 'ready' | 'onReady' | 'run'>;
  keyPrefix: string;
  /** Name of the server; no colon in it. */
  server: string;
  /** Totals since the start of the process. */
  totals: () => Totals;
  report: (problem: string, error: unknown) => void;
  /** ms since 1970 */
  clock?: () => number;
}

const raise = new Script(join(__dirname, 'raise.lua'));

/**
 * Writes the usage of one server to Redis once a second: what has changed, as absolute totals by hour. While
 * Redis is away the totals wait here. kill -9 loses the last second, or one and a half after a turn that was late.
 */
export class UsageWriter {
  private readonly ledger = new Ledger();
  private readonly clock: () => number;
  private readonly endRounds: () => void;
  private notedAt: number;
  private doubts = 0;
  private writing: Promise<void> | undefined;
  private lastProblem = '';

  constructor(private readonly options: UsageOptions) {
    this.clock = options.clock ?? Date.now;
    this.notedAt = this.clock();
    options.redis.onReady(() => {
      this.doubts++;
      this.ledger.doubt();
    });
    this.endRounds = every(WRITE_MS, () => void this.write());
  }

  /** Notes the counts and writes what is not in Redis yet; one write at a time. Never rejects. */
  write(): Promise<void> {
    this.note();
    this.writing ??= this.writeChanges().finally(() => (this.writing = undefined));
    return this.writing;
  }

  /** Writes the rest, if Redis takes it now. To be called when nothing is counted any more. */
  async stop(): Promise<void> {
    this.endRounds();
    await this.writing;
    await this.write();
  }

  /** What was counted since the last time belongs to the hour in which this second began. */
  private note(): void {
    this.ledger.note(hourOf(this.notedAt), this.options.totals());
    this.notedAt = this.clock();
  }

  private async writeChanges(): Promise<void> {
    if (!this.options.redis.ready) return;
    try {
      for (const change of this.ledger.changes()) await this.writeOne(change);
      this.lastProblem = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.lastProblem) this.options.report('usage waits to be written', error);
      this.lastProblem = message;
    }
  }

  private async writeOne(change: Change): Promise<void> {
    const { redis, keyPrefix, server } = this.options;
    const { doubts } = this;
    const { hour, id } = change.stretch;
    const fields = Object.entries(change.totals).flatMap(([what, total]) => [
      fieldOf(server, id, what),
      `${total}`,
    ]);
    await raise.run(redis, [hourKey(keyPrefix, hour)], [`${KEEP_MS}`, ...fields]);
    // Confirmed by a Redis that has been away since: it may have forgotten.
    if (doubts === this.doubts) this.ledger.confirm(change);
  }
}
