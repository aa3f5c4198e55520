import type { Slices } from '../flow/slices';

const HOLD_MS = 500;

type Answers = (() => void)[];

/**
 * Answers to calls that an overloaded server refuses, held back a little: what one connection is told goes out in few
 * writes, which are the most of what a refusal costs, and who sends without end waits for them. A flood is owed
 * thousands of answers each time, so they are told slice by slice.
 */
export class Refusals {
  private readonly held = new Map<object, Answers>();
  private readonly due: Answers[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly slices: Pick<Slices, 'add'>) {}

  /** `connection`: who is told. */
  add(connection: object, answer: () => void): void {
    const answers = this.held.get(connection);
    if (answers) answers.push(answer);
    else this.held.set(connection, [answer]);
    this.timer ??= setTimeout(() => {
      this.release();
      this.slices.add(() => this.tellNext());
    }, HOLD_MS);
  }

  /** All that are held, now. */
  flush(): void {
    this.release();
    while (this.tellNext());
  }

  private release(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const answers of this.held.values()) this.due.push(answers);
    this.held.clear();
  }

  /** Whether there are more. */
  private tellNext(): boolean {
    for (const answer of this.due.shift() ?? []) answer();
    return this.due.length > 0;
  }
}
