import { statSync } from 'node:fs';
import { FleetError } from './errors';
import { runProgram } from './programs';

/** A user of this machine. */
export interface Account {
  name: string;
  uid: number;
  group: string;
  home: string;
}

/** Who a fleet runs as whose folder belongs to root. */
const USUAL_NAME = 'chatfleet';

/** Who this fleet is to run as: the one who is named, or who owns the folder; never root. Throws FleetError. */
export function accountName(root: string, wanted?: string): string {
  const name = wanted ?? ownerOf(root);
  if (name !== undefined && /^[a-z_][a-z0-9_-]*$/.test(name) && findAccount(name)?.uid !== 0) return name;
  if (wanted === undefined) return USUAL_NAME;
  throw new FleetError(
    'usage',
    `The fleet cannot run as user ${wanted}: it takes what strangers send, so a user without rights is needed.`,
    'Nothing was changed.',
    `npx fleet install --user ${USUAL_NAME}`,
  );
}

export function findAccount(name: string): Account | undefined {
  const found = runProgram('getent', 'passwd', name);
  if (!found.ok) return undefined;
  const [, , uid, gid, , home] = found.said.split(':');
  const group = runProgram('getent', 'group', `${gid}`).said.split(':')[0];
  return { name, uid: Number(uid), group: group || name, home: home ?? '' };
}

/** The account as `createAccount` makes it. */
export function newAccount(name: string): Omit<Account, 'uid'> {
  return { name, group: name, home: `/var/lib/${name}` };
}

/** Makes an account for a service: nobody can sign in with it. Throws FleetError. */
export function createAccount(name: string): Account {
  const { home } = newAccount(name);
  const options = [
    '--system',
    '--user-group',
    '--create-home',
    '--home-dir',
    home,
    '--shell',
    '/usr/sbin/nologin',
  ];
  const { ok, said } = runProgram('useradd', ...options, name);
  const account = findAccount(name);
  if (ok && account) return account;
  throw new FleetError(
    'failure',
    `The user ${name} could not be made: ${said}`,
    'Nothing was changed.',
    `useradd ${name}`,
  );
}

/** Whether this command succeeds as that user. */
export const canRun = (user: string, ...command: string[]): boolean =>
  runProgram('runuser', '-u', user, '--', ...command).ok;

/** Which of these files the user cannot read. */
export function unreadable(user: string, files: string[]): string[] {
  return files.filter((file) => !canRun(user, 'test', '-r', file));
}

function ownerOf(folder: string): string | undefined {
  const found = runProgram('getent', 'passwd', `${statSync(folder).uid}`);
  return found.ok ? found.said.split(':')[0] : undefined;
}
