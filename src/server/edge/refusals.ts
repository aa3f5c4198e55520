import type { Slices } from '../flow/slices';

const HOLD_MS = 500;

type Batch = IterableIterator<() => void>;

/**
 * Answers to calls that an overloaded server refuses, held back a little: what one connection is told goes out in few
 * writes, which are the most of what a refusal costs, and who sends without end waits for them. A flood is owed
 * thousands of answers each time, so they are told in slices; each time's are a work of their own there, so that more
 * time goes to them while they are behind.
 */
export class Refusals {
  private readonly held = new Map<object, (() => void)[]>();
  private readonly due = new Set<Batch>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly slices: Pick<Slices, 'add'>) {}

  /** `connection`: who is told. */
  add(connection: object, answer: () => void): void {
    const answers = this.held.get(connection);
    if (answers) answers.push(answer);
    else this.held.set(connection, [answer]);
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

  private release(): Batch {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = [...this.held.values()].flat().values();
    this.held.clear();
    this.due.add(batch);
    return batch;
  }

  /** Whether there may be more. */
  private tellNext(batch: Batch): boolean {
    const next = batch.next();
    if (next.done) this.due.delete(batch);
    else next.value();
    return !next.done;
  }
}
