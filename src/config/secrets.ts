import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the processes of a fleet share and nobody else may read. Lies in `var/secrets.json`, mode 0600. */
export interface Secrets {
  /** Password of the fleet's own Redis. */
  redisPassword: string;
  /** Signs the tokens of unnamed guests. */
  guestSecret: string;
  /** Signs the tokens of users, while the settings name no other way. */
  tokenSecret: string;
  /** Proves to a server that it is the operator who asks. */
  operatorSecret: string;
  /** Opens the operator's page. */
  opsToken: string;
}

/** Of these the ones that all machines of a fleet share; the others open only what runs on one of them. */
export type SharedSecrets = Pick<Secrets, 'guestSecret' | 'tokenSecret' | 'operatorSecret'>;

type Later = Pick<Secrets, 'tokenSecret' | 'operatorSecret' | 'opsToken'>;
type First = Omit<Secrets, keyof Later>;

/** Reads the secrets, and makes them once if there are none. Safe when several processes start at once. */
export function readSecrets(varDir: string): Secrets {
  const file = join(varDir, 'secrets.json');
  if (!existsSync(file)) create(varDir, file);
  const found = JSON.parse(readFileSync(file, 'utf8')) as First & Partial<Later>;
  const secrets = { ...later(found), ...found };
  if (Object.keys(secrets).length > Object.keys(found).length) renameSync(write(file, secrets), file);
  return secrets;
}

/**
 * The secrets that files of earlier versions lack. Made of one that is there, so that processes that complete the
 * file at the same time write the same.
 */
function later({ guestSecret }: First): Later {
  const made = (name: string): string => createHmac('sha256', guestSecret).update(name).digest('base64url');
  return {
    tokenSecret: made('tokenSecret'),
    operatorSecret: made('operatorSecret'),
    opsToken: made('opsToken'),
  };
}

function create(varDir: string, file: string): void {
  mkdirSync(varDir, { recursive: true });
  const first = {
    redisPassword: randomBytes(24).toString('base64url'),
    guestSecret: randomBytes(32).toString('base64url'),
  };
  const draft = write(file, { ...first, ...later(first) });
  try {
    linkSync(draft, file); // fails if another process was first: then its secrets count
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

/** Pure: nothing but those. */
export const sharedSecrets = ({
  guestSecret,
  tokenSecret,
  operatorSecret,
}: SharedSecrets): SharedSecrets => ({
  guestSecret,
  tokenSecret,
  operatorSecret,
});

/** Makes the secrets of this folder those of another fleet. */
export function takeSecrets(varDir: string, shared: SharedSecrets): void {
  const secrets = { ...readSecrets(varDir), ...sharedSecrets(shared) };
  const file = join(varDir, 'secrets.json');
  renameSync(write(file, secrets), file);
}

function write(file: string, secrets: Secrets): string {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return draft;
}

/** Whether they are the same, found out in a time that does not depend on where they differ. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
