/** A call that takes longer waits for others in Redis more than it works. */
const SLOW_MS = 200;
const LEAST = 64;
const MOST = 4_096;

/**
 * How many entries are on their way into the log at a time: fewer when calls get slow, more again when they are quick.
 * What has to wait waits here, where it can be refused in time; in Redis it would pass the deadline of its call, as
 * would all else that is asked of Redis.
 */
export class Congestion {
  private room = 1_024;
  private under = 0;
  private readonly queue: { size: number; start: () => void }[] = [];

  /** Runs it when there is room. In the order of asking. */
  async run<T>(size: number, call: () => Promise<T>): Promise<T> {
    if (this.queue.length > 0 || !this.fits(size))
      await new Promise<void>((start) => this.queue.push({ size, start }));
    else this.under += size;
    const start = performance.now();
    try {
      return await call();
    } finally {
      this.end(size, performance.now() - start);
    }
  }

  /** Something always fits where nothing is under way. */
  private fits(size: number): boolean {
    return this.under === 0 || this.under + size <= this.room;
  }

  private end(size: number, tookMs: number): void {
    this.under -= size;
    this.room = tookMs > SLOW_MS ? Math.max(LEAST, this.room * 0.8) : Math.min(MOST, this.room + size);
    for (let next = this.queue[0]; next && this.fits(next.size); next = this.queue[0]) {
      this.queue.shift();
      this.under += next.size;
      next.start();
    }
  }
}
