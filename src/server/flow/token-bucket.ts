/** A rate limit: `burst` at once, `perSecond` in the long run. `perSecond` 0 means no limit. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly now: () => number = Date.now,
  ) {
    this.tokens = burst;
    this.filledAt = now();
  }

  /** Takes one and returns 0, or takes none and returns the milliseconds until there is one. */
  take(): number {
    if (this.perSecond === 0) return 0;
    const now = this.now();
    this.tokens = Math.min(
      this.burst,
      this.tokens + (Math.max(0, now - this.filledAt) * this.perSecond) / 1_000,
    );
    this.filledAt = now;
    if (this.tokens < 1) return Math.ceil(((1 - this.tokens) * 1_000) / this.perSecond);
    this.tokens--;
    return 0;
  }
}
