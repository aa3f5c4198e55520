import { ChatError } from '../../protocol/codes';
import type { User } from '../../protocol/entries';
import { MAX_ROOMS } from '../../protocol/limits';
import type { Cursor } from './cursor';
import type { Fanout } from './fanout';
import type { TokenBucket } from './token-bucket';
import type { Rights } from '../people/types';
import type { Connection, Lifetime, UserLimits } from './types';

interface Joined {
  fanout: Fanout;
  cursor: Cursor;
  /** Whether watchers have been told. */
  watched: boolean;
}

const MAX_HELD = 200;
const MAX_READS = 100;
const NOTHING: Promise<unknown> = Promise.resolve();

/** What the server knows of one connection. Ends with it. */
export class Session {
  /** Rooms joined on this connection. */
  readonly joined = new Map<string, Joined>();
  closed = false;
  /** Whether `hello` has been sent. */
  greeted = false;
  /** Of a user with a token, from `hello` on. */
  lifetime: Lifetime | undefined;
  // Most connections only listen: what they do not need is not made.
  private detached: Set<string> | undefined;
  private joinsAwaited: Map<string, number> | undefined;
  private busy: Map<string, Promise<unknown>> | undefined;
  private reading = NOTHING;
  private reads = 0;
  private held = 0;
  private greet: (() => void) | undefined;
  private greeting: Promise<void> | undefined;

  constructor(
    readonly user: User,
    /** Replaced when the user presents a new token. */
    public rights: Rights,
    readonly connection: Connection,
    private readonly limits: { sends: TokenBucket; joins: TokenBucket; user: UserLimits },
  ) {}

  /** From now on events are carried out; those that came earlier first, in their order. */
  open(): void {
    this.greeted = true;
    this.greet?.();
  }

  /** The connection is over; what is still held back is dropped. */
  close(): void {
    this.closed = true;
    this.greet?.();
  }

  /** Throws `rate_limited`: for this connection, or for all of its user. */
  takeSend(): void {
    const { sends, user } = this.limits;
    take(sends);
    refuseFor(user.takeSend(this.user.id));
  }

  /** To be called for what costs as much as a join. Throws `rate_limited`. */
  takeJoin(): void {
    take(this.limits.joins);
  }

  /**
   * One page is read at a time: a connection cannot have Redis read hundreds at once, nor more than it takes.
   * Throws `rate_limited`.
   */
  async inReadingOrder<T>(read: () => Promise<T>): Promise<T> {
    if (this.reads >= MAX_READS) throw new ChatError('rate_limited', 'too many reads at once');
    this.reads++;
    const late = async (): Promise<T> => {
      await this.connection.drained();
      if (this.closed) throw new ChatError('unavailable');
      return read();
    };
    const page = this.reading.then(late, late);
    this.reading = page.catch(() => undefined);
    return page.finally(() => this.reads--);
  }

  /** Whether the log of the room may be read: joined, or joined before and only detached since. */
  mayRead(room: string): boolean {
    return this.joined.has(room) || this.detached?.has(room) === true;
  }

  /** All rooms whose log may be read. */
  readable(): string[] {
    return [...this.joined.keys(), ...(this.detached ?? [])];
  }

  setDetached(room: string, detached: boolean): void {
    this.detached?.delete(room);
    if (!detached) return;
    this.detached ??= new Set();
    this.detached.add(room);
    const [oldest] = this.detached;
    if (this.detached.size > MAX_ROOMS && oldest !== undefined) this.detached.delete(oldest);
  }

  /** Between the receipt of a join and its answer nothing of the room is sent. */
  receiveJoin(room: string): void {
    const joined = this.joined.get(room);
    joined?.fanout.pause(joined.cursor);
    this.joinsAwaited ??= new Map();
    this.joinsAwaited.set(room, (this.joinsAwaited.get(room) ?? 0) + 1);
  }

  /** To be called when a received join has been answered. */
  answerJoin(room: string): void {
    const left = (this.joinsAwaited?.get(room) ?? 1) - 1;
    if (left > 0) this.joinsAwaited?.set(room, left);
    else this.joinsAwaited?.delete(room);
  }

  /** Whether a join of this room has been received that is not answered yet. */
  awaitsJoin(room: string): boolean {
    return this.joinsAwaited?.has(room) === true;
  }

  /**
   * Runs a step after `hello` and after all earlier exclusive steps for this room, so that what a client emits in a
   * row is carried out in a row. Steps that are not exclusive do not wait for each other.
   */
  inTurn<T>(room: string, exclusive: boolean, step: () => Promise<T>): Promise<T> {
    const before = this.busy?.get(room) ?? (this.greeted ? undefined : this.hold());
    const late = (): Promise<T> => (this.closed ? Promise.reject(new ChatError('unavailable')) : step());
    const running = before ? before.then(late, late) : step();
    if (exclusive) {
      const busy = (this.busy ??= new Map());
      busy.set(room, running);
      const done = (): void => void (busy.get(room) === running && busy.delete(room));
      running.then(done, done);
    }
    return running;
  }

  private hold(): Promise<void> {
    if (++this.held > MAX_HELD) throw new ChatError('rate_limited', 'wait for hello');
    return (this.greeting ??= new Promise((resolve) => (this.greet = resolve)));
  }
}

function take(bucket: TokenBucket): void {
  refuseFor(bucket.take());
}

function refuseFor(waitMs: number): void {
  if (waitMs > 0) throw new ChatError('rate_limited', undefined, waitMs);
}
