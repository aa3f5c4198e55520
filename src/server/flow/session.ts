import { ChatError } from '../../protocol/codes';
import type { User } from '../../protocol/entries';
import type { Cursor } from './cursor';
import type { Fanout } from './fanout';
import type { TokenBucket } from './token-bucket';
import type { Connection } from './types';

interface Joined {
  fanout: Fanout;
  cursor: Cursor;
}

const MAX_HELD = 200;

/** What the server knows of one connection. Ends with it. */
export class Session {
  /** Rooms joined on this connection. */
  readonly joined = new Map<string, Joined>();
  closed = false;
  private readonly detached = new Set<string>();
  private readonly joinsReceived = new Map<string, number>();
  private readonly busy = new Map<string, Promise<unknown>>();
  private held = 0;
  private greeted = false;
  private greet!: () => void;
  private readonly greeting = new Promise<void>((resolve) => (this.greet = resolve));

  constructor(
    readonly user: User,
    readonly connection: Connection,
    private readonly sends: TokenBucket,
  ) {}

  /** From now on events are carried out; those that came earlier first, in their order. */
  open(): void {
    this.greeted = true;
    this.greet();
  }

  /** Holds an event back until `hello` has been sent. */
  async opened(): Promise<void> {
    if (this.greeted) return;
    if (++this.held > MAX_HELD) throw new ChatError('rate_limited', 'wait for hello');
    await this.greeting;
    if (this.closed) throw new ChatError('unavailable');
  }

  /** The connection is over; what is still held back is dropped. */
  close(): void {
    this.closed = true;
    this.greet();
  }

  /** Throws `rate_limited`. */
  takeSend(): void {
    const waitMs = this.sends.take();
    if (waitMs > 0) throw new ChatError('rate_limited', undefined, waitMs);
  }

  /** Whether the log of the room may be read: joined, or joined before and only detached since. */
  mayRead(room: string): boolean {
    return this.joined.has(room) || this.detached.has(room);
  }

  setDetached(room: string, detached: boolean): void {
    if (detached) this.detached.add(room);
    else this.detached.delete(room);
  }

  /**
   * Between the receipt of a join and its answer nothing of the room is sent. Returns whether this join is still
   * the last one received: only then may its run begin.
   */
  receiveJoin(room: string): () => boolean {
    const joined = this.joined.get(room);
    joined?.fanout.pause(joined.cursor);
    const mine = (this.joinsReceived.get(room) ?? 0) + 1;
    this.joinsReceived.set(room, mine);
    return () => this.joinsReceived.get(room) === mine;
  }

  /**
   * Runs a step after all earlier exclusive steps for this room, so that what a client emits in a row is carried
   * out in a row. Steps that are not exclusive do not wait for each other.
   */
  inTurn<T>(room: string, exclusive: boolean, step: () => Promise<T>): Promise<T> {
    const before = this.busy.get(room);
    const running = before ? before.then(step, step) : step();
    if (exclusive) {
      this.busy.set(room, running);
      const done = (): void => void (this.busy.get(room) === running && this.busy.delete(room));
      running.then(done, done);
    }
    return running;
  }
}
