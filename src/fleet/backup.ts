import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from './errors';
import { runInto, type Ran } from './programs';
import { readText } from './text-file';

/** Redis may hold back a write to its file this long while the disk is slow (appendfsync everysec). */
const WRITTEN_WITHIN_MS = 2_000;
/** Redis rewrites its file rarely, so that a copy which met a rewrite is made again at most once in practice. */
const TRIES = 5;
const MANIFEST = join('redis', 'appendonlydir', 'appendonly.aof.manifest');

export interface Backup {
  file: string;
  bytes: number;
}

/** To be asked before anything is made in that folder. Throws FleetError. */
export function requireFleet(varDir: string): void {
  if (existsSync(join(varDir, 'fleet.json'))) return;
  throw new FleetError(
    'precondition',
    `No fleet was ever started in ${varDir} (VAR_DIR; it has no fleet.json), so there is nothing to back up.`,
    'Nothing was changed.',
    'VAR_DIR=FOLDER npx fleet backup FILE, with the folder of the fleet; that of a service: systemctl cat chatfleet',
  );
}

/**
 * Packs all that cannot be made anew into one file of mode 0600, also while the fleet runs: what was acknowledged before
 * the call is in it. Throws FleetError, and an AbortError when told to stop; nothing is left then.
 */
export async function backUp(varDir: string, wanted: string, stop: AbortSignal): Promise<Backup> {
  const file = resolve(wanted);
  if (existsSync(file)) throw taken(file);
  try {
    return await withDraft(dirname(file), async (draft) => {
      const [parts, packed] = [join(draft, 'var'), join(draft, 'packed')];
      await collect(varDir, parts, stop);
      const { ok, said } = await pack(parts, packed, stop);
      if (!ok) throw failed(said, nextFor(file));
      publish(packed, file);
      return { file, bytes: statSync(file).size };
    });
  } catch (error) {
    if (stop.aborted) throw stop.reason;
    throw error instanceof Error && 'syscall' in error ? failed(error.message, nextFor(file)) : error;
  }
}

/** A folder of this user alone, where the file is to be, so that the file has only to be renamed when it is complete. */
async function withDraft<T>(folder: string, work: (draft: string) => Promise<T>): Promise<T> {
  const draft = mkdtempSync(join(folder, '.chat-backup-'));
  try {
    return await work(draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The outbox comes first: a message that goes from there into Redis meanwhile is then in both, which does no harm. */
async function collect(varDir: string, parts: string, stop: AbortSignal): Promise<void> {
  mkdirSync(parts, { mode: 0o700 });
  copyFolder(varDir, parts, 'outbox');
  await sleep(WRITTEN_WITHIN_MS, undefined, { signal: stop });
  copyRedis(varDir, parts);
  for (const name of ['secrets.json', 'fleet.json']) copy(varDir, parts, name);
}

/** Returns when it is on the disk: else a loss of power could leave a part of it under the name of a backup. */
async function pack(parts: string, packed: string, stop: AbortSignal): Promise<Ran> {
  const output = openSync(packed, 'wx', 0o600);
  try {
    const ran = await runInto(output, stop, 'tar', '-czf', '-', '-C', parts, '.');
    fsyncSync(output);
    return ran;
  } finally {
    closeSync(output);
  }
}

/** An earlier backup is never written over. A hard link would do it in one step, but not every disk for backups has them. */
function publish(packed: string, file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken(file) : error;
  }
  renameSync(packed, file);
}

/** The files belong together only if no rewrite began or ended meanwhile: the manifest then names the same ones. */
function copyRedis(varDir: string, draft: string): void {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = readText(join(varDir, MANIFEST));
    copyFolder(varDir, draft, 'redis');
    if (readText(join(varDir, MANIFEST)) === before) return;
    rmSync(join(draft, 'redis'), { recursive: true, force: true });
  }
  throw failed('Redis rewrites its append-only file all the time', 'npx fleet backup FILE, once more');
}

function copyFolder(from: string, to: string, name: string): void {
  if (!existsSync(join(from, name))) return;
  mkdirSync(join(to, name), { recursive: true, mode: 0o700 });
  for (const entry of readdirSync(join(from, name), { withFileTypes: true })) {
    if (entry.isDirectory()) copyFolder(join(from, name), join(to, name), entry.name);
    else copy(join(from, name), join(to, name), entry.name);
  }
}

/** A file that is gone meanwhile is not needed: what was in it is in Redis. */
function copy(from: string, to: string, name: string): void {
  try {
    copyFileSync(join(from, name), join(to, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function taken(file: string): FleetError {
  return new FleetError(
    'precondition',
    `${file} exists already.`,
    'It stays as it is.',
    'npx fleet backup ANOTHER-FILE',
  );
}

const failed = (why: string, next: string): FleetError =>
  new FleetError('failure', `The backup failed: ${why}`, 'No file was left.', next);

/** What to type when the file could not be written. */
function nextFor(file: string): string {
  const folder = dirname(file);
  return existsSync(folder)
    ? `df -h ${folder}; then npx fleet backup FILE, in a folder with room where this user may write`
    : `mkdir -p ${folder}, then again: npx fleet backup ${file}`;
}
