import { unreadable, type FileLine } from './lines';
import type { ZoneClock } from './zone';

/** What `sar -u` says of one moment: the time since the one before it. */
export interface SarRow {
  at: number;
  /** Of all cores together: 400 is all of four. */
  percent: number;
}

const HEADER = /^\S+ \S+ \(.*?\)\s+(\S+)\s+.*\((\d+) CPU\)/;
const ROW = /^(\d\d):(\d\d):(\d\d)(?: ([AP])M)?\s+(\S+)\s+(.*)$/;
const DAY_MS = 86_400_000;

/** Reads the text that `sar -u` prints, of one day or of several one after the other. */
export class SarReader {
  cores = 0;
  private day = NaN;
  private previous = -Infinity;
  private last = -Infinity;
  private idleFromEnd = 0;

  constructor(private readonly clock: ZoneClock) {}

  /** Pure: whether this is the first line of such a text. */
  static begins(text: string): boolean {
    return HEADER.test(text);
  }

  /** Undefined for lines that have no figures of all cores. Throws FleetError, with the place. */
  read({ text, place }: FileLine): SarRow | undefined {
    const header = HEADER.exec(text);
    if (header) {
      [this.day, this.cores, this.previous] = [dayOf(header[1]!), Number(header[2]), -Infinity];
      if (Number.isNaN(this.day)) throw unreadable(place, `"${header[1]}" is no date that can be read`, 'S_TIME_FORMAT=ISO sar -u > sar.txt'); // prettier-ignore
      return undefined;
    }
    const row = ROW.exec(text);
    if (!row) return undefined;
    const cells = row[6]!.trim().split(/\s+/);
    if (row[5] === 'CPU') this.idleFromEnd = cells.length - cells.indexOf('%idle');
    if (row[5] !== 'all') return undefined;
    const idle = Number(cells.at(-this.idleFromEnd)?.replace(',', '.'));
    if (Number.isNaN(this.day) || !this.idleFromEnd || !(idle >= 0)) throw unreadable(place, 'the date or %idle is missing', 'sar -u > sar.txt, with its first lines'); // prettier-ignore
    return { at: this.timeOf(row), percent: Math.max(0, 100 - idle) * this.cores };
  }

  private timeOf([, hours, minutes, seconds, half]: RegExpExecArray): number {
    const hour = half ? (Number(hours) % 12) + (half === 'P' ? 12 : 0) : Number(hours);
    const wall = this.day + ((hour * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
    // Past midnight.
    if (wall < this.previous - DAY_MS / 2) this.day += DAY_MS;
    const shown = wall < this.previous - DAY_MS / 2 ? wall + DAY_MS : wall;
    this.previous = shown;
    return (this.last = this.clock.at(shown, this.last + 1));
  }
}

/** 2026-11-22, 11/22/2026, 11/22/26, 22.11.2026, and 22/11/2026 where the day tells itself. */
function dayOf(text: string): number {
  const parts = text.split(/[-/.]/).map(Number);
  if (parts.length !== 3 || parts.some((part) => !(part > 0))) return NaN;
  const [a, b, c] = parts as [number, number, number];
  if (a > 31) return Date.UTC(a, b - 1, c);
  const year = c < 100 ? 2_000 + c : c;
  return text.includes('.') || a > 12 ? Date.UTC(year, b - 1, a) : Date.UTC(year, a - 1, b);
}
