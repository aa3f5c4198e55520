const HOLD_MS = 500;

/**
 * Answers to calls that an overloaded server refuses, held back a little: what one connection is told goes out in few
 * writes, which are the most of what a refusal costs, and who sends without end waits for them.
 */
export class Refusals {
  private readonly held = new Map<object, (() => void)[]>();
  private timer: NodeJS.Timeout | undefined;

  /** `connection`: who is told. */
  add(connection: object, answer: () => void): void {
    const answers = this.held.get(connection);
    if (answers) answers.push(answer);
    else this.held.set(connection, [answer]);
    this.timer ??= setTimeout(() => this.flush(), HOLD_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const held = [...this.held.values()];
    this.held.clear();
    for (const answers of held) for (const answer of answers) answer();
  }
}
