import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from './errors';
import { runProgram } from './programs';
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

/**
 * Packs all that cannot be made anew into one file of mode 0600, also while the fleet runs: what was acknowledged before
 * the call is in it. The outbox comes first: a message that goes from there into Redis meanwhile is then in both, which
 * does no harm. Throws FleetError.
 */
export async function backUp(varDir: string, wanted: string): Promise<Backup> {
  const file = resolve(wanted);
  reserve(file);
  const draft = mkdtempSync(join(dirname(file), '.chat-backup-'));
  try {
    copyFolder(varDir, draft, 'outbox');
    await sleep(WRITTEN_WITHIN_MS);
    copyRedis(varDir, draft);
    for (const name of ['secrets.json', 'fleet.json']) copy(varDir, draft, name);
    const { ok, said } = runProgram('tar', '-czf', file, '-C', draft, '.');
    if (!ok) throw failed(said);
    return { file, bytes: statSync(file).size };
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** An earlier backup is never written over; and nobody else may read this one, from its first byte on. */
function reserve(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new FleetError(
      'precondition',
      `${file} exists already.`,
      'It stays as it is.',
      'npx fleet backup ANOTHER-FILE',
    );
  }
}

/** The files belong together only if no rewrite began or ended meanwhile: the manifest then names the same ones. */
function copyRedis(varDir: string, draft: string): void {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = readText(join(varDir, MANIFEST));
    copyFolder(varDir, draft, 'redis');
    if (readText(join(varDir, MANIFEST)) === before) return;
    rmSync(join(draft, 'redis'), { recursive: true, force: true });
  }
  throw failed('Redis rewrites its append-only file all the time');
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

function failed(why: string): FleetError {
  return new FleetError(
    'failure',
    `The backup failed: ${why}`,
    'No file was left.',
    'npx fleet backup FILE, once more',
  );
}
