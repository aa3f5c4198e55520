/**
 * Lets the first value of a key through at once, and then at most one in an interval, the latest. Holds a key for
 * one interval after its last value.
 */
export class Coalescer<V> {
  private readonly held = new Map<string, { latest: V | undefined; timer: NodeJS.Timeout }>();

  constructor(
    private readonly intervalMs: number,
    private readonly pass: (key: string, value: V) => void,
  ) {}

  offer(key: string, value: V): void {
    const held = this.held.get(key);
    if (held) held.latest = value;
    else this.letThrough(key, value);
  }

  close(): void {
    for (const { timer } of this.held.values()) clearTimeout(timer);
    this.held.clear();
  }

  private letThrough(key: string, value: V): void {
    const timer = setTimeout(() => this.next(key), this.intervalMs);
    this.held.set(key, { latest: undefined, timer });
    this.pass(key, value);
  }

  private next(key: string): void {
    const latest = this.held.get(key)?.latest;
    this.held.delete(key);
    if (latest !== undefined) this.letThrough(key, latest);
  }
}
