import { TokenBucket } from './token-bucket';

const AGAIN_MS = 2_000;
const CHANGES_PER_SECOND = 1;
const CHANGES_AT_ONCE = 4;

const now = (): number => performance.now();

/** How often one connection's typing in one room is told to the others. */
export class TypingThrottle {
  /** When the others were last told that it is active; long ago if they were told that it is not. */
  private activeAt = -Infinity;
  private readonly changes = new TokenBucket(CHANGES_PER_SECOND, CHANGES_AT_ONCE, now);

  /** Whether the others are to be told. What they are not told expires at them by itself. */
  passes(active: boolean): boolean {
    const isNews = active ? now() - this.activeAt >= AGAIN_MS : this.activeAt > -Infinity;
    if (!isNews || this.changes.take() > 0) return false;
    this.activeAt = active ? now() : -Infinity;
    return true;
  }
}
