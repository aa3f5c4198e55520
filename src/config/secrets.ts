import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the processes of a fleet share and nobody else may read. Lies in `var/secrets.json`, mode 0600. */
export interface Secrets {
  /** Password of the fleet's own Redis. */
  redisPassword: string;
  /** Signs the tokens of unnamed guests. */
  guestSecret: string;
}

/** Reads the secrets, and makes them once if there are none. Safe when several processes start at once. */
export function readSecrets(varDir: string): Secrets {
  const file = join(varDir, 'secrets.json');
  if (!existsSync(file)) create(varDir, file);
  return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
}

function create(varDir: string, file: string): void {
  mkdirSync(varDir, { recursive: true });
  const secrets: Secrets = {
    redisPassword: randomBytes(24).toString('base64url'),
    guestSecret: randomBytes(32).toString('base64url'),
  };
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  try {
    linkSync(draft, file); // fails if another process was first: then its secrets count
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}
