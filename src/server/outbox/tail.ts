import { open, stat, type FileHandle } from 'node:fs/promises';
import { decode, MAX_LINE, type OutboxRecord } from './format';
import { Holding } from './holding';
import type { Held } from './types';

export type Report = (problem: string, error: unknown) => void;

const NEWLINE = 0x0a;

export interface TailOptions {
  report: Report;
  /** Whether nobody holds the message yet. */
  isNews: (held: Held) => boolean;
}

interface Reading {
  holding: Holding;
  /** Bytes read: up to the end of the last whole line. */
  offset: number;
  lines: number;
}

/** A file of the outbox that grows at its end, read as far as it is whole. */
export class Tail {
  /** Whether there are records of a version that this program does not know: such a file is not to be removed. */
  hasUnknown = false;
  /** Whether the disk did not give back the rest of it when it was last read. */
  unreadable = false;
  /** The highest order read. */
  highest = 0;
  private size = 0;
  private reading: Reading;

  /** News that was read, but not returned yet. */
  private fresh: Held[] = [];

  constructor(
    public path: string,
    private readonly options: TailOptions,
    holding = new Holding(),
  ) {
    this.reading = { holding, offset: 0, lines: 0 };
  }

  get holding(): Holding {
    return this.reading.holding;
  }

  get bytes(): number {
    return this.size;
  }

  /** Whether it ends with a line that is not whole. */
  get torn(): boolean {
    return this.size > this.reading.offset;
  }

  /** Reads what has grown; returns what is held because of it and was not before. Rejects with the error of the disk. */
  async read(): Promise<Held[]> {
    const { size } = await stat(this.path);
    if (size === this.size) return [];
    const handle = await open(this.path, 'r');
    try {
      return await this.readOn(handle, size);
    } finally {
      await handle.close();
    }
  }

  /** A file that has become shorter was cut after a failed write: it is read anew, and takes effect as a whole. */
  private async readOn(handle: FileHandle, size: number): Promise<Held[]> {
    const cut = size < this.reading.offset;
    const reading = cut ? { holding: new Holding(), offset: 0, lines: 0 } : this.reading;
    const problem = await this.readLines(handle, reading).catch((error: unknown) => error ?? 'unknown');
    if (problem !== undefined && cut) throw problem;
    if (problem !== undefined && !this.unreadable)
      this.options.report(`${this.path} cannot be read to its end`, problem);
    this.unreadable = problem !== undefined;
    this.reading = reading;
    this.size = this.unreadable ? reading.offset : Math.max(size, reading.offset);
    const isHeld = ({ room, body }: Held): boolean => !!reading.holding.find(room, body.from.id, body.id);
    return this.fresh.splice(0).filter(isHeld);
  }

  private async readLines(handle: FileHandle, reading: Reading): Promise<void> {
    const chunk = Buffer.alloc(MAX_LINE);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, MAX_LINE, reading.offset);
      const end = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
      if (end === 0 && bytesRead < MAX_LINE) return;
      if (end > 0) this.readChunk(chunk.toString('utf8', 0, end - 1).split('\n'), reading);
      else this.options.report(`${this.path}: a line longer than any record was skipped`, undefined);
      reading.offset += end || bytesRead;
    }
  }

  private readChunk(lines: string[], reading: Reading): void {
    for (const line of lines) {
      reading.lines++;
      if (line !== '') this.apply(decode(line), reading);
    }
  }

  private apply(record: OutboxRecord, { holding, lines }: Reading): void {
    switch (record.kind) {
      case 'message':
        if (this.options.isNews(record.held)) this.fresh.push(record.held);
        holding.take(record.index, record.held);
        this.highest = Math.max(this.highest, record.held.order);
        return;
      case 'done':
        for (const index of record.indexes) holding.drop(index);
        return;
      case 'unknown':
        this.hasUnknown = true;
        this.options.report(`${this.path}:${lines}: a record of an unknown version was skipped`, undefined);
        return;
      case 'damaged':
        this.options.report(`${this.path}:${lines}: a damaged line was skipped: ${record.why}`, undefined);
    }
  }
}
