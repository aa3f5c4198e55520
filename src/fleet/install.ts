import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../config/load';
import type { LoadedSettings } from '../config/load-settings';
import { settingsTable, type SettingName } from '../config/settings';
import { accountName, canRun, createAccount, findAccount, newAccount, unreadable } from './account';
import type { Account } from './account';
import { FleetError } from './errors';
import { fleetProcesses } from './processes';
import { runProgram } from './programs';
import { logRotation, serviceUnit } from './service-files';
import { readText, writeText } from './text-file';

const UNIT = 'chatfleet';
const UNIT_FILE = `/etc/systemd/system/${UNIT}.service`;
const ROTATION_FILE = `/etc/logrotate.d/${UNIT}`;

/** A file of the machine; `changed`: it was not so before. */
export interface InstalledFile {
  path: string;
  changed: boolean;
}

export interface Installed {
  user: string;
  created: boolean;
  files: InstalledFile[];
  /** What to type next, if something is left to do. */
  next?: string;
}

/** The files that `install` writes, for this user. Throws FleetError. */
export function filesOf(loaded: LoadedSettings, wanted?: string): { path: string; text: string }[] {
  const name = accountName(projectRoot, wanted);
  return filesFor(loaded, findAccount(name) ?? newAccount(name));
}

/**
 * Lets systemd start the fleet at boot, as a user without rights, who is made if there is none, and lets logrotate
 * rotate its logs. Doing it again changes nothing. Throws FleetError.
 */
export function install(loaded: LoadedSettings, wanted?: string): Installed {
  requireRoot();
  requireOwnUnit();
  const { varDir, tlsKey } = loaded.settings;
  const name = accountName(projectRoot, wanted);
  requireIdle(varDir, name);
  const known = findAccount(name);
  const account = known ?? createAccount(name);
  requireNode(account);
  requireReadable(account, [
    join(projectRoot, 'dist', 'cli', 'main.js'),
    join(projectRoot, 'fleet.env'),
    tlsKey,
  ]);
  giveFolder(varDir, account);
  const files = filesFor(loaded, account).map(({ path, text }) => ({ path, changed: writeText(path, text) }));
  systemctl('enable', UNIT);
  if (systemdRuns()) systemctl('daemon-reload');
  const next = nextStep(
    varDir,
    name,
    files.some(({ changed }) => changed),
  );
  return { user: name, created: !known, files, ...(next !== undefined && { next }) };
}

/** Undoes it: stops the fleet if systemd runs it, and takes both files away. User and `var/` stay. Throws FleetError. */
export function uninstall(): InstalledFile[] {
  requireRoot();
  requireOwnUnit();
  if (existsSync(UNIT_FILE)) systemctl('disable', ...(systemdRuns() ? ['--now'] : []), UNIT);
  const files = [UNIT_FILE, ROTATION_FILE].map((path) => ({ path, changed: existsSync(path) }));
  for (const { path } of files) rmSync(path, { force: true });
  if (systemdRuns()) systemctl('daemon-reload');
  return files;
}

function filesFor(loaded: LoadedSettings, { name, group, home }: Omit<Account, 'uid'>) {
  const { varDir, httpPort } = loaded.settings;
  const service = {
    ...{ root: projectRoot, varDir, httpPort, node: process.execPath, user: name, group },
    pm2Home: process.env.PM2_HOME ?? join(home, '.pm2'),
    environment: environmentOf(loaded),
  };
  return [
    { path: UNIT_FILE, text: serviceUnit(service) },
    { path: ROTATION_FILE, text: logRotation(service) },
  ];
}

/** What was set where a service does not see it is written into its unit; but everybody can read that. */
function environmentOf({ settings, sources }: LoadedSettings): Record<string, string> {
  const set = (Object.keys(sources) as SettingName[]).filter((name) => sources[name] === 'environment');
  const secret = set.filter((name) => settingsTable[name].secret).map((name) => settingsTable[name].env);
  if (secret.length > 0) throw secretsInEnvironment(secret);
  const values = set.map((name) => settingsTable[name].env).map((env) => [env, process.env[env] ?? '']);
  const { PM2_HOME } = process.env;
  return {
    PATH: `${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    ...(PM2_HOME !== undefined && { PM2_HOME }),
    ...(Object.fromEntries(values) as Record<string, string>),
    ...(sources.varDir === 'environment' && { VAR_DIR: settings.varDir }),
  };
}

/** What an earlier start wrote as somebody else has to become the user's. */
function giveFolder(varDir: string, { name, uid, group }: Account): void {
  mkdirSync(varDir, { recursive: true });
  if (statSync(varDir).uid !== uid) runProgram('chown', '-R', `${name}:${group}`, varDir);
}

function nextStep(varDir: string, user: string, changed: boolean): string | undefined {
  const start = `sudo systemctl start ${UNIT}`;
  if (systemdRuns() && runProgram('systemctl', 'is-active', UNIT).ok)
    return changed
      ? `sudo systemctl restart ${UNIT}, when it suits: chat is over for some seconds`
      : undefined;
  return fleetProcesses(varDir).length > 0 ? `npm stop as user ${user}, then: ${start}` : start;
}

function systemctl(...args: string[]): void {
  const { ok, said } = runProgram('systemctl', ...args);
  if (ok) return;
  throw new FleetError(
    'failure',
    `systemctl ${args.join(' ')} failed: ${said}`,
    'What was done before that stays; the fleet is as it was.',
    'npx fleet install --print, and put the files in place by hand',
  );
}

const systemdRuns = (): boolean => existsSync('/run/systemd/system');

function requireRoot(): void {
  if (process.getuid?.() === 0) return;
  const next = 'sudo npx fleet install; or npx fleet install --print, which needs no rights';
  throw new FleetError(
    'precondition',
    'Files under /etc are for root to write.',
    'Nothing was changed.',
    next,
  );
}

function requireOwnUnit(): void {
  const text = readText(UNIT_FILE);
  const other = text === undefined ? undefined : /^WorkingDirectory=(.*)$/m.exec(text)?.[1];
  if (other === undefined || other.replaceAll('%%', '%') === projectRoot) return;
  const next = `sudo npx fleet install --remove, in ${other}`;
  throw new FleetError(
    'precondition',
    `${UNIT_FILE} is of the fleet in ${other}.`,
    'Nothing was changed.',
    next,
  );
}

/** A fleet that runs as somebody else goes on writing as he. */
function requireIdle(varDir: string, user: string): void {
  const uid = findAccount(user)?.uid;
  if (!existsSync(varDir) || statSync(varDir).uid === uid || fleetProcesses(varDir).length === 0) return;
  throw new FleetError(
    'precondition',
    `The fleet runs, and not as user ${user}.`,
    'Nothing was changed, the fleet goes on.',
    'npm stop as the user who started it, then again: sudo npx fleet install',
  );
}

/** The unit starts the Node.js that runs this command, and root's own one is closed to others. */
function requireNode({ name }: Account): void {
  if (canRun(name, process.execPath, '--version')) return;
  throw new FleetError(
    'precondition',
    `User ${name} cannot run ${process.execPath}, the Node.js of this command.`,
    'No file was written.',
    'install Node.js for all users, such as in /usr/local; then with that one: sudo npx fleet install',
  );
}

function requireReadable({ name }: Account, files: string[]): void {
  const closed = unreadable(
    name,
    files.filter((file) => file !== '' && existsSync(file)),
  );
  if (closed.length === 0) return;
  throw new FleetError(
    'precondition',
    `User ${name} cannot read ${closed.join(', ')}`,
    'No file was written.',
    'move the project to a place such as /srv/chatfleet, or give these files to him',
  );
}

function secretsInEnvironment(names: string[]): FleetError {
  return new FleetError(
    'precondition',
    `${names.join(', ')}: set in the environment, where a service does not see it, and secret.`,
    'Nothing was changed.',
    'put it into fleet.env (mode 0600, of the user of the fleet)',
  );
}
