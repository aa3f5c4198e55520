import { isUnavailable } from '../../protocol/codes';
import type { Held, Outbox } from '../outbox/types';
import type { RoomLog } from '../roomlog/types';
import { MAX_BATCH, type Commit } from './commit';
import { groupBy } from './group';
import type { Report } from './types';
import { every } from '../../rounds';

const MAX_DUE = 10_000;
/** More would not be faster, and the last ones of thousands would be past the deadline of a command. */
const ROOMS_AT_ONCE = 20;
const CHECK_MS = 500;
/** Long enough for another server of the host to flush its own outbox, if it can. */
const ADOPT_AFTER_MS = 3_000;
/** The log has to have been there for so long before the others are helped out. */
const WRITABLE_FOR_MS = 1_000;
const REST_MS = 5_000;

export interface FlusherDeps {
  log: Pick<RoomLog, 'writable' | 'writesSome' | 'onWritable'>;
  outbox: Pick<Outbox, 'due' | 'done' | 'setAside' | 'adopt' | 'onHeld'>;
  commit: Commit;
  report: Report;
}

/** Takes messages from the outbox to the log as soon as that takes them; also those of servers that do not do so themselves. */
export class Flusher {
  private readonly endRounds: () => void;
  private writableSince: number | undefined;
  private flushing: Promise<void> | undefined;
  private stopped = false;
  /** Rooms whose log refused, although the store is there: until when they rest. They hold up nobody else. */
  private readonly resting = new Map<string, number>();

  constructor(private readonly deps: FlusherDeps) {
    deps.log.onWritable(() => void this.flush());
    // A look through all that is held for each new message would be too much while some of it has to wait.
    deps.outbox.onHeld(() => this.resting.size > 0 || !deps.log.writable() || void this.flush());
    this.endRounds = every(CHECK_MS, () => void this.check());
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.endRounds();
    await this.flushing;
  }

  private get canFlush(): boolean {
    return !this.stopped && this.deps.log.writesSome();
  }

  private canFlushTo(room: string): boolean {
    return !this.stopped && this.deps.log.writable(room);
  }

  private async check(): Promise<void> {
    const now = performance.now();
    this.writableSince = this.deps.log.writable() ? (this.writableSince ?? now) : undefined;
    if (this.writableSince !== undefined && now - this.writableSince >= WRITABLE_FOR_MS)
      await this.deps.outbox.adopt(ADOPT_AFTER_MS);
    await this.flush();
  }

  private flush(): Promise<void> {
    this.flushing ??= this.flushAll().finally(() => (this.flushing = undefined));
    return this.flushing;
  }

  private async flushAll(): Promise<void> {
    while (this.canFlush) {
      const due = [...this.due()];
      if (due.length === 0) return;
      for (let i = 0; i < due.length && this.canFlush; i += ROOMS_AT_ONCE)
        await Promise.all(due.slice(i, i + ROOMS_AT_ONCE).map((each) => this.flushRoom(...each)));
    }
  }

  private due(): Map<string, Held[]> {
    const now = performance.now();
    for (const [room, until] of this.resting) if (until <= now) this.resting.delete(room);
    const { log, outbox } = this.deps;
    const due = outbox.due(MAX_DUE, (room) => this.resting.has(room) || !log.writable(room));
    return groupBy(due, ({ room }) => room);
  }

  /** Never rejects: what could not be appended is due again. */
  private async flushRoom(room: string, all: Held[]): Promise<void> {
    try {
      for (let i = 0; i < all.length && this.canFlushTo(room); i += MAX_BATCH)
        await this.flushBatch(room, all.slice(i, i + MAX_BATCH));
    } catch (error) {
      if (isUnavailable(error) && !this.deps.log.writable(room)) return;
      this.resting.set(room, performance.now() + REST_MS);
      this.deps.report(`queued messages for ${room} could not be appended`, error);
    }
  }

  private async flushBatch(room: string, held: Held[]): Promise<void> {
    const { outbox, commit } = this.deps;
    const results = await commit(
      room,
      held.map(({ body }) => body),
    );
    const isIn = (_: Held, i: number): boolean =>
      results[i]!.status === 'new' || results[i]!.status === 'repeat';
    const refused = held.filter((each, i) => !isIn(each, i));
    outbox.done(held.filter(isIn));
    if (refused.length > 0) outbox.setAside(refused, 'the log holds another message with the same id');
  }
}
