import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { formatLine, parseLine, recordHeader, type RecordLine } from './line';
import { localDate } from './local-time';

const DAY_MS = 24 * 3_600_000;
const KEEP_DAYS = 90;
/** Lines that wait in memory for room on the disk: more than a day of 32 servers. */
const MAX_WAITING = 10_000;

/** The file of a day, by the date here. */
export function recordFile(folder: string, at: number): string {
  return join(folder, `cpu-${localDate(at)}.txt`);
}

/** Writes the record. Never throws: what cannot be written waits in memory, up to a bound, for the next time. */
export class RecordWriter {
  private waiting: RecordLine[] = [];
  private failing = false;

  /** @param say is told once when writing fails, with the reason, and once, without, when it works again */
  constructor(
    private readonly folder: string,
    private readonly say: (problem: string | undefined) => void,
  ) {}

  /** Appends lines; returns whether none waits. */
  write(lines: RecordLine[]): boolean {
    this.waiting = [...this.waiting, ...lines].slice(-MAX_WAITING);
    try {
      mkdirSync(this.folder, { recursive: true });
      while (this.waiting.length > 0) this.appendDay();
      removeOld(this.folder, Date.now() - KEEP_DAYS * DAY_MS);
      this.tell(undefined);
    } catch (error) {
      this.tell((error as Error).message);
    }
    return this.waiting.length === 0;
  }

  /** Appends the first lines that wait and belong to one file. */
  private appendDay(): void {
    const file = recordFile(this.folder, this.waiting[0]!.at);
    const other = this.waiting.findIndex(({ at }) => recordFile(this.folder, at) !== file);
    const texts = this.waiting.slice(0, other === -1 ? undefined : other).map(formatLine);
    append(file, texts, (count) => (this.waiting = this.waiting.slice(count)));
  }

  private tell(problem: string | undefined): void {
    const failing = problem !== undefined;
    if (failing !== this.failing) this.say(problem);
    this.failing = failing;
  }
}

/**
 * Appends whole lines, after a header if the file is new, and after an end of line if its last one is torn.
 * Throws what the system says; `done` is told first how many lines are in the file all the same.
 */
function append(file: string, lines: string[], done: (count: number) => void): void {
  const descriptor = openSync(file, 'a+');
  let written = 0;
  const start = opening(descriptor);
  const bytes = Buffer.from(start + lines.map((line) => `${line}\n`).join(''));
  try {
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  } finally {
    closeSync(descriptor);
    let end = Buffer.byteLength(start);
    // A line that lacks its end only is not torn: the next one puts it right.
    done(lines.filter((line) => (end += Buffer.byteLength(line) + 1) - 1 <= written).length);
  }
}

function opening(descriptor: number): string {
  const { size } = fstatSync(descriptor);
  if (size === 0) return `${recordHeader}\n`;
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  return last.toString() === '\n' ? '' : '\n';
}

const FILE = /^cpu-(\d{4}-\d\d-\d\d)\.txt$/;

function removeOld(folder: string, before: number): void {
  for (const name of readdirSync(folder)) {
    const date = FILE.exec(name)?.[1];
    if (date !== undefined && date < localDate(before)) rmSync(join(folder, name), { force: true });
  }
}

/**
 * The lines of the record that lie after `from`, up to `to`, one for each time and server, in order of time. The
 * files are named by the days of whoever wrote them, which may be those of another time zone.
 */
export function readRecord(folder: string, from: number, to: number): RecordLine[] {
  const lines = new Map<string, RecordLine>();
  const [first, last] = [localDate(from - DAY_MS), localDate(to + DAY_MS)];
  for (const name of filesOf(folder)) {
    const date = FILE.exec(name)?.[1];
    if (date === undefined || date < first || date > last) continue;
    for (const text of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const line = parseLine(text);
      if (line && line.at > from && line.at <= to) lines.set(`${line.at} ${line.server}`, line);
    }
  }
  return [...lines.values()].sort((a, b) => a.at - b.at);
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
