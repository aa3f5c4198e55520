import { createHmac, randomBytes } from 'node:crypto';
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
}

/** Reads the secrets, and makes them once if there are none. Safe when several processes start at once. */
export function readSecrets(varDir: string): Secrets {
  const file = join(varDir, 'secrets.json');
  if (!existsSync(file)) create(varDir, file);
  const { tokenSecret, ...earlier } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets>;
  if (tokenSecret !== undefined) return { ...(earlier as Omit<Secrets, 'tokenSecret'>), tokenSecret };
  return complete(file, earlier as Omit<Secrets, 'tokenSecret'>);
}

function create(varDir: string, file: string): void {
  mkdirSync(varDir, { recursive: true });
  const secrets: Secrets = {
    redisPassword: randomBytes(24).toString('base64url'),
    guestSecret: randomBytes(32).toString('base64url'),
    tokenSecret: randomBytes(32).toString('base64url'),
  };
  const draft = writeDraft(file, secrets);
  try {
    linkSync(draft, file); // fails if another process was first: then its secrets count
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

/**
 * Adds what a file of an earlier version lacks. It is derived, not drawn: processes that start at once add the same,
 * and it does not matter which of them writes last.
 */
function complete(file: string, earlier: Omit<Secrets, 'tokenSecret'>): Secrets {
  const tokenSecret = createHmac('sha256', earlier.guestSecret).update('tokenSecret').digest('base64url');
  const secrets = { ...earlier, tokenSecret };
  renameSync(writeDraft(file, secrets), file);
  return secrets;
}

function writeDraft(file: string, secrets: Secrets): string {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return draft;
}
