const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

/**
 * Turns what a clock on the wall of a time zone shows into ms since 1970. An hour that comes twice, as when the clock
 * is set back, is told by the time before it; one that never comes is moved on as people would.
 */
export class ZoneClock {
  private readonly format: Intl.DateTimeFormat;
  private readonly offsets = new Map<number, number[]>();

  /** @param zone such as Asia/Seoul; throws RangeError where there is none of that name */
  constructor(readonly zone: string) {
    const [numeric, hourCycle] = ['numeric', 'h23'] as const;
    const parts = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric } as const;
    this.format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle, ...parts });
  }

  /**
   * @param wall the time shown, as if it were UTC
   * @param notBefore of the two meanings of a time that comes twice the first that is not before this
   */
  at(wall: number, notBefore: number): number {
    const key = Math.floor(wall / QUARTER_MS) * QUARTER_MS;
    let offsets = this.offsets.get(key);
    if (!offsets) this.offsets.set(key, (offsets = this.possible(key)));
    const times = offsets.map((offset) => wall - offset);
    return times.find((time) => time >= notBefore) ?? times.at(-1)!;
  }

  /** The offsets that are true for this time, the earlier time first. */
  private possible(wall: number): number[] {
    const around = [...new Set([this.offset(wall - DAY_MS), this.offset(wall + DAY_MS)])];
    const valid = around.filter((offset) => this.offset(wall - offset) === offset);
    return (valid.length > 0 ? valid : around.slice(0, 1)).sort((a, b) => b - a);
  }

  private offset(at: number): number {
    const part = Object.fromEntries(
      this.format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    const wall = Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute']);
    return wall - Math.floor(at / 60_000) * 60_000;
  }
}
