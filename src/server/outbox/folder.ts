import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';

const SUFFIX = '.outbox';

const newBoot = (): string => randomBytes(8).toString('hex');

/** Names of one process' files: `<server>.<boot>.<k>.outbox`. No name is used twice, so none ever means another file. */
export class Names {
  private count = 0;

  /** Of this process: a server that was started again is another one. */
  private readonly boot = newBoot();

  constructor(private readonly server: string) {}

  next(): string {
    return `${this.server}.${this.boot}.${++this.count}${SUFFIX}`;
  }

  /** For a file that no process may take for its own. */
  nobodys(): string {
    return `${this.server}.${newBoot()}.1${SUFFIX}`;
  }

  isOwn(name: string): boolean {
    return name.startsWith(`${this.server}.${this.boot}.`);
  }
}

/** The outbox files of all servers. None if there is no folder. */
export async function list(folder: string): Promise<Set<string>> {
  const names = await readdir(folder).catch(noneIfMissing);
  return new Set(names.filter((name) => name.endsWith(SUFFIX)));
}

/** Creates it, only for this user, so that it survives a loss of power. */
export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  for (let path = folder; path !== dirname(made); path = dirname(path)) await syncFolder(dirname(path));
}

/** Makes the names in it durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether the error says that there is no such file. */
export const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

function noneIfMissing(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}
