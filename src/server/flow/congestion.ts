/** A call that takes so much longer than the quickest did waits for others in Redis more than it works. */
const SLOWER_MS = 200;
const AT_FIRST = 256;
const PACE = 0.95;
const LEAST = 64;
const MOST = 4_096;

/**
 * How many entries are on their way into the log at a time: fewer when calls get slow, more again when they are quick.
 * What has to wait waits here, where it can be refused in time; in Redis it would pass the deadline of its call, as
 * would all else that is asked of Redis.
 */
export class Congestion {
  private room = AT_FIRST;
  private under = 0;
  private quickestMs = Infinity;
  private wasSlow = false;
  /** How long how many entries took lately, while others had to wait. */
  private paceMs = 0;
  private paceEntries = 0;
  private endedAt = 0;
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

  /** How long so many entries will take, ms, as far as is known; 0 while none has to wait here. */
  expectedMs(entries: number): number {
    return this.queue.length === 0 ? 0 : (entries * this.paceMs) / Math.max(1, this.paceEntries);
  }

  /** Something always fits where nothing is under way. */
  private fits(size: number): boolean {
    return this.under === 0 || this.under + size <= this.room;
  }

  private end(size: number, tookMs: number): void {
    this.under -= size;
    this.keepPace(size);
    this.quickestMs = Math.min(this.quickestMs, tookMs);
    const isSlow = tookMs > this.quickestMs + SLOWER_MS;
    this.wasSlow ||= isSlow;
    // Doubled with each round of calls until one is slow, by one batch a round afterwards.
    const more = this.wasSlow ? (LEAST * size) / this.room : size;
    this.room = isSlow ? Math.max(LEAST, this.room * 0.8) : Math.min(MOST, this.room + more);
    for (let next = this.queue[0]; next && this.fits(next.size); next = this.queue[0]) {
      this.queue.shift();
      this.under += next.size;
      next.start();
    }
  }

  private keepPace(size: number): void {
    const now = performance.now();
    if (this.queue.length > 0) {
      this.paceMs = this.paceMs * PACE + now - this.endedAt;
      this.paceEntries = this.paceEntries * PACE + size;
    }
    this.endedAt = now;
  }
}
