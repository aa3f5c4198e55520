import { constants } from 'node:fs';
import { open, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing, syncFolder } from './folder';
import { encodeDone } from './format';
import { Holding } from './holding';
import type { Tail } from './tail';
import type { Held } from './types';

/**
 * A file under a name of this process: written by it, or taken over from another. Its methods reject with the error
 * of the disk, and are called one at a time.
 */
export class OwnFile {
  /** Nothing is written to it any more: what the page cache says after an error cannot be believed. */
  broken = false;
  /** It has something that this process could not read: it is never removed. */
  keep = false;
  private unreadable = false;
  private done: number[] = [];
  private torn = false;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly inode: bigint,
    readonly holding: Holding,
    /** Up to which it is known to be whole. */
    public bytes: number,
  ) {}

  static async create(path: string): Promise<OwnFile> {
    const handle = await open(path, 'ax', 0o600);
    try {
      const { ino } = await handle.stat({ bigint: true });
      await syncFolder(dirname(path));
      return new OwnFile(path, handle, ino, new Holding(), 0);
    } catch (error) {
      await handle.close();
      await unlink(path);
      throw error;
    }
  }

  /**
   * Of a file that has just been renamed to the path of the tail. It is read from here on, so after the renaming
   * (see adopt.ts), and what was read is durable.
   */
  static async takeOver(tail: Tail): Promise<{ file: OwnFile; fresh: Held[] }> {
    const handle = await open(tail.path, constants.O_WRONLY | constants.O_APPEND);
    try {
      const { ino } = await handle.stat({ bigint: true });
      const fresh = await tail.read();
      if (!tail.unreadable) await handle.datasync();
      const file = new OwnFile(tail.path, handle, ino, tail.holding, tail.bytes);
      file.broken = file.unreadable = tail.unreadable;
      file.keep = tail.hasUnknown;
      file.torn = tail.torn;
      return { file, fresh };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Resolves when the lines, and what was done before, are on the disk. */
  append(lines: string): Promise<void> {
    return this.write(this.takeDone() + lines, true);
  }

  /** These indexes are held no longer; the next write says so. */
  addDone(indexes: number[]): void {
    this.done.push(...indexes);
  }

  /** Writes what is done, for those who read this file. Losing it costs a needless append. */
  async writeDone(): Promise<void> {
    const lines = this.takeDone();
    if (!this.broken && lines !== '') await this.write(lines, false);
  }

  /** Whether its name is still its name: otherwise somebody took it over. */
  async isOurs(): Promise<boolean> {
    try {
      return (await stat(this.path, { bigint: true })).ino === this.inode;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** What could not be read of it stays for the operator. */
  async remove(): Promise<void> {
    await this.close();
    const { path } = this;
    await (this.unreadable ? rename(path, `${path}.unreadable`) : unlink(path)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  private takeDone(): string {
    const lines = encodeDone(this.done);
    this.done = [];
    if (lines === '' || !this.torn) return lines;
    this.torn = false;
    return `\n${lines}`;
  }

  private async write(lines: string, durably: boolean): Promise<void> {
    const buffer = Buffer.from(lines);
    try {
      for (let at = 0; at < buffer.length;) at += (await this.handle.write(buffer, at)).bytesWritten;
      if (durably) await this.handle.datasync();
      this.bytes += buffer.length;
    } catch (error) {
      this.broken = true;
      // Others read it: they shall not find what is not acknowledged. If even this fails, they do, once.
      await this.handle.truncate(this.bytes).catch(() => undefined);
      throw error;
    }
  }
}
