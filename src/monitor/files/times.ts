import type { ZoneClock } from './zone';

/** A time in a text: ms since 1970, and the places in the text where it begins and ends. */
export interface FoundTime {
  at: number;
  start: number;
  end: number;
}

/** 2026-11-22T10:05:00+09:00, 2026-11-22 10:05, 2026/11/22 10, 2026112210 */
const ISO =
  /(\d{4})[-/.](\d\d)[-/.](\d\d)[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.\d{1,9}|,\d{3}(?= ))?)?)?(?: ?(Z|[+-]\d\d:?\d\d)(?=\D|$))?/;
const COMPACT = /(?<!\d)(20\d\d)(\d\d)(\d\d)(\d\d)(?!\d)/;
/** As web servers log: 22/Nov/2026:10:05:00 +0900 */
const WEB = /(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})/;
/** Seconds or milliseconds since 1970: at the start, or as JSON loggers write them. */
const EPOCH = /(?:^"?|"(?:time|timestamp|ts)":\s*"?)(1\d{9})(\d{3})?(?!\d)/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** No log has its time further on. */
const LOOK_AT = 400;

/**
 * Reads times in the order of a file. Times without an offset are those of the clock.
 * @param slackMs lines of a log may be out of order by that much; of a table each is later than the one before (0)
 */
export class TimeReader {
  private previous = -Infinity;

  constructor(
    private readonly clock: ZoneClock,
    private readonly slackMs: number,
  ) {}

  /** The first time in a text; undefined if there is none. */
  find(text: string): FoundTime | undefined {
    const found = this.read(text.slice(0, LOOK_AT));
    if (found) this.previous = found.at;
    return found;
  }

  private read(text: string): FoundTime | undefined {
    const web = WEB.exec(text);
    if (web) {
      const [, day, month, year, hour, minute, second, offset] = web as unknown as string[];
      return this.found(web, [year!, `${MONTHS.indexOf(month!) + 1}`, day!, hour!, minute, second], offset);
    }
    const epoch = EPOCH.exec(text);
    if (epoch) return { at: Number(epoch[1]) * 1_000 + Number(epoch[2] ?? 0), ...placeOf(epoch) };
    const iso = ISO.exec(text);
    if (iso) return this.found(iso, iso.slice(1, 7), iso[7]);
    const compact = COMPACT.exec(text);
    return compact ? this.found(compact, compact.slice(1, 5), undefined) : undefined;
  }

  private found(
    match: RegExpExecArray,
    parts: (string | undefined)[],
    offset?: string,
  ): FoundTime | undefined {
    const [year, month, day, hour, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
    const wall = Date.UTC(year!, month! - 1, day, hour, minute, second);
    const date = new Date(wall);
    if (date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day || hour! > 23) return undefined;
    const earliest = this.slackMs === 0 ? this.previous + 1 : this.previous - this.slackMs;
    const at = offset === undefined ? this.clock.at(wall, earliest) : wall - offsetOf(offset);
    return { at, ...placeOf(match) };
  }
}

function placeOf(match: RegExpExecArray): { start: number; end: number } {
  return { start: match.index, end: match.index + match[0].length };
}

/** Z, +0900 or +09:00 in ms. */
function offsetOf(text: string): number {
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text.startsWith('-') ? -1 : 1) * minutes * 60_000;
}
