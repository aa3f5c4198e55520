import { basename } from 'node:path';
import { hourOf, HOUR_MS, type Totals } from '../../usage/hours';
import { loads, type Load } from '../model/observation';
import { linesOf, unreadable } from './lines';
import { isTableLine, TableReader, type TableRow } from './table';
import { TimeReader } from './times';
import type { ZoneClock } from './zone';

/** What was counted, as files tell it. */
export interface Calls {
  hours: Map<number, Totals>;
  counted: Load[];
  /** The time over which it was counted, ms since 1970. */
  from: number;
  to: number;
  /** Of a log: the minutes in which there was a call. */
  minutes: Set<number> | undefined;
}

const MINUTE_MS = 60_000;
/** Lines of a log may be out of order by that much. */
const SLACK_MS = 30 * MINUTE_MS;
const columns: Record<Load, RegExp> = {
  calls: /call|count|message|request|event|호출|횟수|메시지/i,
  deliveries: /deliver|전달/i,
  connects: /connect|접속/i,
};
const TABLE_EXAMPLE = '2026-11-22T10:00,9870';

/**
 * Reads tables of `time,count`, or logs in which each line (that matches `pattern`) is a call; which one it is shows
 * at its first line with a time. Throws FleetError with file and line.
 */
export async function readCalls(
  files: string[],
  pattern: RegExp | undefined,
  clock: ZoneClock,
): Promise<Calls> {
  const gathered = new Gathered();
  for (const file of files) {
    const isTable = pattern === undefined && (await beginsAsTable(file, clock));
    await (isTable ? readTable(file, clock, gathered) : readLog(file, pattern, clock, gathered));
  }
  return gathered.calls();
}

async function beginsAsTable(file: string, clock: ZoneClock): Promise<boolean> {
  const times = new TimeReader(clock, 0);
  for await (const { text } of linesOf(file)) {
    const time = times.find(text);
    if (time) return isTableLine(text, time);
  }
  return false;
}

class Gathered {
  readonly hours = new Map<number, Totals>();
  readonly minutes = new Set<number>();
  readonly counted = new Set<Load>();
  from = Infinity;
  to = -Infinity;

  add(at: number, what: string, count: number): void {
    const totals = this.hours.get(hourOf(at)) ?? {};
    this.hours.set(hourOf(at), totals);
    totals[what] = (totals[what] ?? 0) + count;
  }

  cover(from: number, to: number): void {
    [this.from, this.to] = [Math.min(this.from, from), Math.max(this.to, to)];
  }

  calls(): Calls {
    const { hours, from, to, minutes } = this;
    return { hours, counted: [...this.counted], from, to, minutes: minutes.size > 0 ? minutes : undefined };
  }
}

async function readTable(file: string, clock: ZoneClock, gathered: Gathered): Promise<void> {
  const table = new TableReader(new TimeReader(clock, 0), TABLE_EXAMPLE);
  const times: number[] = [];
  const put = (row: TableRow, load: Load): void => {
    const count = table.figure(row, columns[load], load === 'calls');
    if (count === undefined) return;
    gathered.add(row.at, load === 'calls' ? 'calls.all' : load, count);
    gathered.counted.add(load);
  };
  for await (const line of linesOf(file)) {
    const row = table.read(line);
    if (!row) continue;
    times.push(row.at);
    for (const load of loads) if (load === 'calls' || table.has(columns[load])) put(row, load);
  }
  gathered.cover(Math.min(...ends(times)), Math.max(...ends(times)) + usualGap(times));
}

async function readLog(
  file: string,
  pattern: RegExp | undefined,
  clock: ZoneClock,
  gathered: Gathered,
): Promise<void> {
  const times = new TimeReader(clock, SLACK_MS);
  let [lines, timed, matched] = [0, 0, 0];
  for await (const { text } of linesOf(file)) {
    lines++;
    const time = times.find(text);
    if (!time) continue;
    timed++;
    gathered.cover(time.at, time.at + 1);
    if (pattern && !pattern.test(text)) continue;
    matched++;
    gathered.add(time.at, 'calls.all', 1);
    gathered.minutes.add(Math.floor(time.at / MINUTE_MS) * MINUTE_MS);
  }
  if (timed === 0) throw unreadable(`${basename(file)}:1`, `none of its ${lines} lines has a time that can be read`, `lines such as ${TABLE_EXAMPLE}, or a log with 2026-11-22T10:00:00+09:00 or [22/Nov/2026:10:00:00 +0900] in each line`); // prettier-ignore
  if (matched === 0) throw unreadable(`${basename(file)}:1`, `none of its ${timed} lines with a time matches ${pattern}`, 'another --pattern, or none: then each line is a call'); // prettier-ignore
  gathered.counted.add('calls');
}

/** Not all at once: a function takes no million of arguments. */
function ends(times: number[]): [number, number] {
  return times.reduce<[number, number]>(
    ([a, b], at) => [Math.min(a, at), Math.max(b, at)],
    [Infinity, -Infinity],
  );
}

/** Pure: the time that usually lies between two of these; an hour where there is no telling. */
export function usualGap(times: number[]): number {
  const gaps = times.slice(1).map((at, i) => at - times[i]!).filter((gap) => gap > 0); // prettier-ignore
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? HOUR_MS;
}
