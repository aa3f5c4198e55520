/** Some work in small steps: makes one, and says whether there may be more. Must not throw. */
export type Work = () => boolean;

/** With what the writes of a slice leave behind, and one step that is long, a turn stays below 10 ms. */
const SLICE_MS = 4;

/**
 * Shares the event loop between long pieces of work and everything else. Each turn of the loop ends with a slice of a
 * few milliseconds, in which all that wait have a go, so that pings and answers never wait for a large room.
 */
export class Slices {
  private readonly waiting: Work[] = [];
  private armed = false;

  constructor(private readonly sliceMs = SLICE_MS) {}

  /** It begins at the end of this turn of the loop. */
  add(work: Work): void {
    this.waiting.push(work);
    this.arm();
  }

  private arm(): void {
    if (this.armed) return;
    this.armed = true;
    setImmediate(() => this.run());
  }

  private run(): void {
    const end = performance.now() + this.sliceMs;
    this.armed = false;
    do {
      const work = this.waiting.shift()!;
      if (hasMoreAt(end, work)) this.waiting.push(work);
    } while (this.waiting.length > 0 && performance.now() < end);
    if (this.waiting.length > 0) this.arm();
  }
}

function hasMoreAt(end: number, work: Work): boolean {
  while (work()) if (performance.now() >= end) return true;
  return false;
}
