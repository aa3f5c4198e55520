import { setImmediate } from 'node:timers/promises';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatError } from '../../protocol/codes';
import { OwnFile } from './file';
import { makeFolder, type Names } from './folder';
import { encodeMessage } from './format';
import { Holding } from './holding';
import type { OwnFiles } from './own';
import type { Report } from './tail';
import type { Held } from './types';

export const SET_ASIDE = 'set-aside.jsonl';
const FULL_RETRY_MS = 5_000;
/** A file is not continued beyond this share of the bound, so that what is done makes room before all is done. */
const SHARE = 1 / 4;
/** Written and thrown away to see whether the disk works again. */
const PROBE = '\n'.repeat(65_536);

export interface WriterOptions {
  folder: string;
  names: Names;
  own: OwnFiles;
  maxBytes: number;
  report: Report;
  /** Whether nobody holds the message yet. */
  isNews: (held: Held) => boolean;
  onHeld: (held: Held[]) => void;
  /** Somebody renamed this file: what it holds is his. */
  onTaken: (file: OwnFile) => void;
}

interface Waiting {
  index: number;
  held: Held;
  line: string;
  resolve: () => void;
  reject: (error: ChatError) => void;
}

/**
 * Group commit: what waits goes to the disk in one write and one fdatasync; meanwhile the next batch collects. All
 * writing is one loop, so a file is never removed while something is written to it.
 */
export class Writer {
  works = true;
  /** Messages that are not on the disk yet. */
  readonly adding = new Holding();
  private index = 0;
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private aside = '';
  private current: OwnFile | undefined;
  private lost: OwnFile[] = [];
  private hasWork = false;
  private loop: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: WriterOptions) {}

  /** Resolves when it is on the disk. */
  add(held: Held): Promise<void> {
    const index = ++this.index;
    const line = encodeMessage(index, held);
    const bytes = Buffer.byteLength(line);
    if (this.options.own.bytes + this.waitingBytes + bytes > this.options.maxBytes)
      return Promise.reject(unavailable('too much waits for Redis on this server already', FULL_RETRY_MS));
    this.adding.take(index, held);
    this.waitingBytes += bytes;
    this.start();
    return new Promise((resolve, reject) => this.waiting.push({ index, held, line, resolve, reject }));
  }

  /** Lines for the operator; they are written before the messages are noted as done. */
  putAside(lines: string): void {
    this.aside += lines;
    this.start();
  }

  /** Notes what is done, removes files that hold nothing, and tries a disk that did not work. */
  start(): void {
    if (this.isClosed) return;
    this.hasWork = true;
    this.loop ??= this.run();
  }

  /** Of a file that somebody renamed. */
  lose(file: OwnFile): void {
    if (file === this.current) this.current = undefined;
    if (!this.options.own.delete(file)) return;
    this.lost.push(file);
    this.options.onTaken(file);
    this.start();
  }

  /** Waits for what is to be written; the files stay. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.loop;
    for (const file of this.options.own.all()) await file.close().catch(() => undefined);
  }

  private async run(): Promise<void> {
    // All that comes in one turn of the event loop is one batch.
    await setImmediate();
    while (this.hasWork) {
      this.hasWork = false;
      await this.writeAside();
      await this.store(this.waiting.splice(0));
      await this.tidy();
    }
    this.loop = undefined;
  }

  private async store(batch: Waiting[]): Promise<void> {
    if (batch.length === 0 && this.works) return;
    try {
      const file = await this.write(batch.map(({ line }) => line).join('') || PROBE);
      this.works = true;
      this.hold(file, batch);
    } catch (error) {
      this.refuse(batch, error);
    }
    this.waitingBytes = this.waiting.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0);
  }

  /**
   * Until the lines are durable in a file that still has its name afterwards. If it has not, whoever renamed it may
   * have read it to its end before these lines were there.
   */
  private async write(lines: string): Promise<OwnFile> {
    for (;;) {
      const file = (this.current ??= await this.create());
      try {
        await file.append(lines);
        if (await file.isOurs()) return file;
      } catch (error) {
        file.broken = true;
        this.current = undefined;
        throw error;
      }
      this.lose(file);
    }
  }

  private async create(): Promise<OwnFile> {
    const { folder, names, own } = this.options;
    await makeFolder(folder);
    const file = await OwnFile.create(join(folder, names.next()));
    own.add(file);
    return file;
  }

  private hold(file: OwnFile, batch: Waiting[]): void {
    const fresh = batch.map(({ held }) => held).filter(this.options.isNews);
    for (const { index, held, resolve } of batch) {
      this.adding.drop(index);
      file.holding.take(index, held);
      resolve();
    }
    this.options.onHeld(fresh);
    if (file.bytes > this.options.maxBytes * SHARE) this.current = undefined;
  }

  private refuse(batch: Waiting[], cause: unknown): void {
    if (this.works) this.options.report('the outbox cannot be written: messages are refused', cause);
    this.works = false;
    const error = unavailable('neither Redis nor the disk can keep it', FULL_RETRY_MS);
    error.cause = cause;
    for (const { index, reject } of batch) {
      this.adding.drop(index);
      reject(error);
    }
  }

  private async writeAside(): Promise<void> {
    const lines = this.aside;
    this.aside = '';
    if (lines === '') return;
    const { folder, report } = this.options;
    await appendFile(join(folder, SET_ASIDE), lines, { mode: 0o600, flush: true }).catch((error: unknown) =>
      report(`${SET_ASIDE} cannot be written: messages that were to be put aside are lost`, error),
    );
  }

  private async tidy(): Promise<void> {
    for (const file of this.options.own.all()) {
      if (file === this.current && this.waiting.length > 0) continue;
      const isOver = file.holding.size === 0 && !file.keep;
      if (isOver) this.forget(file);
      await (isOver ? file.remove() : file.writeDone()).catch((error: unknown) =>
        this.options.report(`${file.path} cannot be ${isOver ? 'removed' : 'written'}`, error),
      );
      if (file.broken && file === this.current) this.current = undefined;
    }
    for (const file of this.lost.splice(0)) await file.close().catch(() => undefined);
  }

  private forget(file: OwnFile): void {
    this.options.own.delete(file);
    if (file === this.current) this.current = undefined;
  }
}

const unavailable = (detail: string, retryAfterMs: number): ChatError =>
  new ChatError('unavailable', detail, retryAfterMs);
