import type { Slices } from '../flow/slices';

const HOLD_MS = 500;
/** Of one step: a flood by one connection alone must not make a turn long. */
const MOST_AT_ONCE = 256;

type Batch<Connection> = IterableIterator<[Connection, number[]]>;

/**
 * Refusals of an overloaded server, held back a little: what one connection is told goes out in few writes, which are the
 * most of what a refusal costs, and who sends without end waits for them. A flood is owed thousands each time, so they
 * are told in slices; each time's are a work of their own there, so that more time goes to them while they are behind.
 * Held are only the numbers of the acknowledgements: thousands of answers would be copied by the collector.
 */
export class Refusals<Connection extends object> {
  private held = new Map<Connection, number[]>();
  private readonly due = new Set<Batch<Connection>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly slices: Pick<Slices, 'add'>,
    private readonly tell: (connection: Connection, acks: number[]) => void,
  ) {}

  add(connection: Connection, ack: number): void {
    const acks = this.held.get(connection);
    if (acks) acks.push(ack);
    else this.held.set(connection, [ack]);
    this.timer ??= setTimeout(() => {
      const batch = this.release();
      this.slices.add(() => this.tellNext(batch));
    }, HOLD_MS);
  }

  /** All that are held, now. */
  flush(): void {
    this.release();
    for (const batch of this.due) while (this.tellNext(batch));
  }

  private release(): Batch<Connection> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = inSteps(this.held);
    this.held = new Map();
    this.due.add(batch);
    return batch;
  }

  /** Whether there may be more. */
  private tellNext(batch: Batch<Connection>): boolean {
    const next = batch.next();
    if (next.done) this.due.delete(batch);
    else this.tell(...next.value);
    return !next.done;
  }
}

function* inSteps<Connection>(held: Map<Connection, number[]>): Batch<Connection> {
  for (const [connection, acks] of held)
    for (let at = 0; at < acks.length; at += MOST_AT_ONCE)
      yield [connection, acks.slice(at, at + MOST_AT_ONCE)];
}
