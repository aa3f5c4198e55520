import { randomBytes } from 'node:crypto';
import type { Totals } from './hours';

/**
 * The counts of one uninterrupted stay in one hour. Its id is new, so that its totals are absolute: writing
 * them again doubles nothing, and a clock that is set back into an hour begins another one beside it.
 */
export interface Stretch {
  hour: number;
  id: string;
  totals: Totals;
  /** The totals that are surely in the store. */
  written: Totals;
}

/** What has to be written of a stretch. */
export interface Change {
  stretch: Stretch;
  totals: Totals;
}

/** A store that comes back may know less than it confirmed: these many stretches are written again then. */
const KEPT = 4;

/** Divides totals that only grow into hours, and knows what of it is not in the store yet. */
export class Ledger {
  private stretches: Stretch[] = [];
  private seen: Totals = {};

  /** Counts to an hour by how much the totals grew since the last time. */
  note(hour: number, totals: Totals): void {
    const grown = Object.entries(totals).filter(([what, total]) => total > (this.seen[what] ?? 0));
    if (grown.length === 0) return;
    const { totals: counted } = this.stretchIn(hour);
    for (const [what, total] of grown) {
      counted[what] = (counted[what] ?? 0) + total - (this.seen[what] ?? 0);
      this.seen[what] = total;
    }
  }

  /** The totals that are not surely written, as they are now. */
  changes(): Change[] {
    return this.stretches.flatMap((stretch) => {
      const open = Object.entries(stretch.totals).filter(([what, total]) => total !== stretch.written[what]);
      return open.length === 0 ? [] : [{ stretch, totals: Object.fromEntries(open) }];
    });
  }

  /** The store has confirmed it. */
  confirm({ stretch, totals }: Change): void {
    Object.assign(stretch.written, totals);
    const done = (each: Stretch): boolean =>
      Object.entries(each.totals).every(([what, total]) => total === each.written[what]);
    this.stretches = this.stretches.filter((each, i, { length }) => i >= length - KEPT || !done(each));
  }

  /** Nothing is sure any more. */
  doubt(): void {
    for (const stretch of this.stretches) stretch.written = {};
  }

  private stretchIn(hour: number): Stretch {
    const last = this.stretches.at(-1);
    if (last?.hour === hour) return last;
    const stretch = { hour, id: randomBytes(6).toString('hex'), totals: {}, written: {} };
    this.stretches.push(stretch);
    return stretch;
  }
}
