import { ChatError, isUnavailable } from '../../protocol/codes';
import type { EntryBody, MessageBody } from '../../protocol/entries';
import { Deadline, DeadlinePassed } from '../../deadline';
import type { Outbox } from '../outbox/types';
import type { AppendResult, RoomLog } from '../roomlog/types';
import { MAX_BATCH, type Committer } from './commit';

/** An acknowledgement comes within 1.5 s: what is not in the log after this time goes to the disk. */
const IN_LOG_WITHIN_MS = 1_300;
/** How long a call may take: what has waited for others before gets what is left of the time, but some. */
const CALL_MS = 1_000;
const CALL_AT_LEAST_MS = 100;
/** What would wait longer than this for a log that answers comes faster than the log can take it. */
const BEHIND_MS = 400;
/** So much waits in a room at least then: what is merely slow is not refused. */
const BEHIND_ROOM = MAX_BATCH;
/** More than this never waits, also while nobody knows yet whether the log is away. */
const BEHIND_MOST = 32 * MAX_BATCH;
/** How much may wait on the disk while the log answers; more so long after an outage, so that it can empty itself. */
const BEHIND_DISK = 1_000;
const CATCH_UP_MS = 5_000;

/** Where an entry is: in the log, or on the disk until the log takes it. `at`: time of its first acceptance. */
export type Accepted = AppendResult | { status: 'queued'; at: number };

interface Waiting {
  body: EntryBody;
  since: number;
  resolve: (accepted: Accepted) => void;
  reject: (error: unknown) => void;
}

export interface AppenderDeps {
  log: Pick<RoomLog, 'writable'>;
  outbox: Pick<Outbox, 'add' | 'has' | 'blocks' | 'size'>;
  commit: Committer;
  /** When somebody who is refused as `overloaded` is to ask again. */
  retryAfterMs: () => number;
}

/**
 * Step 3 of a message's way: into the log, or onto the disk while the log is away. All entries for a room that
 * arrive in one turn of the event loop go to the log in one call, and there is one call per room in flight: the log's
 * order is the order of arrival. When a call fails, all that wait for the room go to the disk in that order.
 */
export class Appender {
  private readonly queues = new Map<string, Waiting[]>();
  /** Entries on their way into the log. */
  private waiting = 0;
  /** When the log answered last, and how long that call took. */
  private answered = { at: -Infinity, tookMs: 0 };
  private awayAt = -Infinity;
  private readonly deadline = new Deadline();

  constructor(private readonly deps: AppenderDeps) {}

  /**
   * Rejects with `unavailable`: then it may be kept or not; with `id_conflict`; and with `overloaded`: then it was
   * not taken, because what was taken earlier would come too late into the log, and crowd the disk.
   */
  append(room: string, body: EntryBody): Promise<Accepted> {
    const queue = this.queues.get(room);
    const onDisk = this.belongsOnDisk(room, body);
    if (onDisk ? this.isDiskBehind() : this.isLogBehind(queue)) return Promise.reject(this.behind());
    if (onDisk && !queue) return this.keep(room, body);
    this.waiting++;
    return new Promise((resolve, reject) => {
      const waiting = { body, since: performance.now(), resolve, reject };
      if (queue) return void queue.push(waiting);
      this.queues.set(room, [waiting]);
      setImmediate(() => void this.flush(room));
    });
  }

  /** Whether anything that comes now would be refused: whoever knows need not carry it here. */
  get isBehind(): boolean {
    return this.waiting >= BEHIND_MOST || this.deps.commit.expectedMs(this.waiting) > BEHIND_MS;
  }

  private behind(): ChatError {
    return new ChatError('overloaded', undefined, this.deps.retryAfterMs());
  }

  /** Not while the log is silent: it may be away, and then the disk takes what waits. */
  private isLogBehind(queue: Waiting[] = []): boolean {
    const now = performance.now();
    const { at, tookMs } = this.answered;
    if (this.isBehind) return true;
    if (now - at > BEHIND_MS) return false;
    const [oldest] = queue;
    if (!oldest || queue.length < BEHIND_ROOM) return false;
    return now - oldest.since > BEHIND_MS || (queue.length / MAX_BATCH) * tookMs > BEHIND_MS;
  }

  private isDiskBehind(): boolean {
    const now = performance.now();
    if (!this.deps.log.writable()) this.awayAt = now;
    return this.deps.outbox.size >= BEHIND_DISK && now - this.awayAt > CATCH_UP_MS;
  }

  private belongsOnDisk(room: string, body: EntryBody): boolean {
    const { log, outbox } = this.deps;
    const ref = body.kind === 'message' ? { from: body.from.id, id: body.id } : body.target;
    return !log.writable(room) || outbox.has(room, ref) || outbox.blocks(room, body.from.id);
  }

  /** Only messages wait on the disk: nobody could say what a change of one would change. */
  private async keep(room: string, body: EntryBody): Promise<Accepted> {
    if (body.kind !== 'message') throw new ChatError('unavailable');
    const { at } = await this.deps.outbox.add(room, body satisfies MessageBody);
    return { status: 'queued', at };
  }

  private async flush(room: string): Promise<void> {
    const queue = this.queues.get(room) ?? [];
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_BATCH);
      // Asked only now: while these waited for the call before, others that they must not overtake may have come onto the disk.
      if (batch.some(({ body }) => this.belongsOnDisk(room, body))) {
        this.keepAll(room, [...batch, ...queue.splice(0)]);
        break;
      }
      try {
        const results = await this.commitInTime(room, batch);
        this.waiting -= batch.length;
        batch.forEach(({ resolve }, i) => resolve(results[i]!));
      } catch (error) {
        if (isUnavailable(error) || error instanceof DeadlinePassed)
          this.keepAll(room, [...batch, ...queue.splice(0)]);
        else this.refuseAll(batch, error);
      }
    }
    this.queues.delete(room);
  }

  private async commitInTime(room: string, batch: Waiting[]): Promise<AppendResult[]> {
    const start = performance.now();
    const left = IN_LOG_WITHIN_MS - (start - batch[0]!.since);
    const withinMs = Math.min(CALL_MS, Math.max(CALL_AT_LEAST_MS, left));
    const bodies = batch.map(({ body }) => body);
    const results = await this.deadline.within(withinMs, this.deps.commit(room, bodies));
    const at = performance.now();
    this.answered = { at, tookMs: at - start };
    return results;
  }

  private keepAll(room: string, all: Waiting[]): void {
    this.waiting -= all.length;
    for (const { body, resolve, reject } of all) this.keep(room, body).then(resolve, reject);
  }

  private refuseAll(batch: Waiting[], error: unknown): void {
    this.waiting -= batch.length;
    for (const { reject } of batch) reject(error);
  }
}
