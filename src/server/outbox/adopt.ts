import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OwnFile } from './file';
import { isMissing, type Names } from './folder';
import type { Report, Tail } from './tail';
import type { Held } from './types';

export interface Adopted {
  file: OwnFile;
  /** What was read last. */
  fresh: Held[];
}

/**
 * Renames another server's file to a new name of this process; undefined if somebody was faster, or it cannot be read.
 *
 * It does not matter whether the other server is dead, frozen or only slow, because of this order:
 * 1. It acknowledges a message only when, *after* its fdatasync, the file still has its name (Writer.write).
 * 2. Here the file is renamed first and read to its end *afterwards* (OwnFile.takeOver).
 * So what it acknowledged was in the file before the renaming, and is read here; and what it wrote later it writes
 * again, into a file of another name, before it acknowledges it. Of two who rename, one finds nothing.
 */
export async function adopt(tail: Tail, names: Names, report: Report): Promise<Adopted | undefined> {
  const before = tail.path;
  const path = join(dirname(before), names.next());
  if (!(await renamed(before, path, report))) return undefined;
  tail.path = path;
  try {
    const adopted = await OwnFile.takeOver(tail);
    if (tail.torn) report(`${before}: the last line is not whole and was ignored`, undefined);
    return adopted;
  } catch (error) {
    tail.path = before;
    if (isMissing(error)) return undefined;
    report(`${before} cannot be read`, error);
    // Somebody shall try again, this process too.
    await renamed(path, join(dirname(before), names.nobodys()), report);
    return undefined;
  }
}

async function renamed(from: string, to: string, report: Report): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (!isMissing(error)) report(`${from} cannot be renamed`, error);
    return false;
  }
}
