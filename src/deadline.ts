/** It did not settle in time. */
export class DeadlinePassed extends Error {}

interface Waiting {
  ms: number;
  /** On the clock of `performance.now`. */
  until: number;
  reject: (error: DeadlinePassed) => void;
}

/**
 * Waits for answers, but not for ever. One timer for all that wait: a timer and a race for each cost more than all
 * else of a call.
 */
export class Deadline {
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | undefined;
  private dueAt = Infinity;

  /** As the answer settles; rejects with DeadlinePassed if it has not after so many milliseconds. */
  within<T>(ms: number, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = { ms, until: performance.now() + ms, reject };
      this.waiting.add(waiting);
      if (waiting.until < this.dueAt) this.plan(waiting.until);
      answer.then(
        (value) => {
          this.waiting.delete(waiting);
          resolve(value);
        },
        (error: Error) => {
          this.waiting.delete(waiting);
          reject(error);
        },
      );
    });
  }

  private plan(at: number): void {
    clearTimeout(this.timer);
    this.dueAt = at;
    // One turn later: after a blocked event loop the answer may have arrived, and wins.
    const due = (): void => {
      const now = performance.now();
      setImmediate(() => this.reject(now));
    };
    this.timer = setTimeout(due, Math.max(1, at - performance.now())).unref();
  }

  /** Those who were overdue then. */
  private reject(then: number): void {
    let next = Infinity;
    for (const waiting of this.waiting)
      if (waiting.until > then) next = Math.min(next, waiting.until);
      else {
        this.waiting.delete(waiting);
        waiting.reject(new DeadlinePassed(`no answer within ${waiting.ms} ms`));
      }
    this.dueAt = Infinity;
    if (next < Infinity) this.plan(next);
  }
}
