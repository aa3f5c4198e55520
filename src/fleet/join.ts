import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join as path } from 'node:path';
import { projectRoot } from '../config/load';
import { parseEnvFile, type LoadedSettings } from '../config/load-settings';
import { readSecrets, shareSecrets, type Secrets } from '../config/secrets';
import { LOOPBACK, settingsTable, type SettingName } from '../config/settings';
import { redisProblems } from '../redis/preflight';
import { hostName } from './address';
import { askRedis } from './ask-redis';
import { FleetError } from './errors';
import { readPlan } from './prepare';
import { fleetProcesses } from './processes';
import { Registry, type Shared } from './registry';
import { sharedNames } from './shared';
import { readText, writeText } from './text-file';

/** What is typed on the machine that joins. */
export interface JoinRequest {
  /** Address of the fleet's Redis. */
  redis: string;
  /** Of this machine; if missing, the one from which it reaches that Redis. */
  address?: string;
  servers?: number;
}

const CONNECT_WITHIN_MS = 3_000;
const HEAD =
  '# By `fleet join`: settings of the fleet that this machine is a host of. Add its own ones (BASE_PORT, OPS_PORT ...) below.';
const envOf = (name: SettingName): string => settingsTable[name].env;

/**
 * Makes this machine a host of a fleet: from then on `fleet up` starts servers of that fleet here. Doing it again changes
 * nothing, or takes over what was changed there. Returns the name of the host. Throws FleetError; nothing is changed then.
 */
export async function join(request: JoinRequest, { settings }: LoadedSettings): Promise<string> {
  const { varDir } = settings;
  const there = { ...settings, redisUrl: request.redis };
  const from = await addressTowards(request.redis);
  requireUsable(await redisProblems(request.redis, settings.keyPrefix));
  const address = request.address ?? from;
  await requireOwnAddress(address);
  requireSameHost(varDir, address);
  const shared = await askRedis(there, 'fleet-join', (connection) => new Registry(connection, there).read());
  if (!shared) throw noFleet(settings.keyPrefix);
  const file = path(projectRoot, 'fleet.env');
  const old = readText(file);
  const text = envText(old, request, address, shared);
  if (text !== old || !sameSecrets(readSecrets(varDir), shared)) {
    requireIdle(varDir);
    writeText(file, text, 0o600);
    shareSecrets(varDir, shared);
  }
  return hostName(address);
}

const sameSecrets = (own: Secrets, { guestSecret, tokenSecret, operatorSecret }: Shared): boolean =>
  own.guestSecret === guestSecret && own.tokenSecret === tokenSecret && own.operatorSecret === operatorSecret;

/** Pure: fleet.env of a host. Throws FleetError when there is one that says something else. */
export function envText(
  old: string | undefined,
  { redis, servers }: JoinRequest,
  address: string,
  shared: Shared,
): string {
  const before = parseEnvFile(old ?? '');
  const own = { [envOf('redisUrl')]: redis, [envOf('serverHost')]: address };
  const wanted: Record<string, string> = { ...own, ...shared.settings };
  const joinedBefore = Object.entries(own).every(([name, value]) => before[name] === value);
  const other = Object.keys(wanted).find(
    (name) => before[name] !== undefined && before[name] !== wanted[name],
  );
  if (!joinedBefore && other !== undefined) throw otherEnv(other);
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !sharedEnv.has(name)));
  const all = {
    ...wanted,
    ...kept,
    ...own,
    ...(servers !== undefined && { [envOf('servers')]: `${servers}` }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
  return `${HEAD}\n${lines.join('')}`;
}

const sharedEnv = new Set(sharedNames.map(envOf));

/** The address of this machine from which it reaches a Redis. Throws FleetError when it does not. */
function addressTowards(redis: string): Promise<string> {
  const { hostname, port } = new URL(redis);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port || 6379), timeout: CONNECT_WITHIN_MS }, () => {
      resolve(socket.localAddress!);
      socket.destroy();
    });
    const fail = (reason: string): void => {
      socket.destroy();
      reject(unreachable(`${host}:${port || 6379}`, reason));
    };
    socket.once('timeout', () => fail(`no answer within ${CONNECT_WITHIN_MS / 1_000} s`));
    socket.once('error', ({ message }) => fail(message));
  });
}

/** nginx comes by this address from another machine. */
async function requireOwnAddress(address: string): Promise<void> {
  if (address === LOOPBACK || address === '::1' || !(await canListenOn(address))) throw notOurs(address);
}

function canListenOn(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.once('error', () => resolve(false));
    listener.listen({ host, port: 0, exclusive: true }, () => listener.close(() => resolve(true)));
  });
}

/** A plan is from a fleet that was started here. */
function requireSameHost(varDir: string, address: string): void {
  const plan = readPlan(varDir);
  if (!plan || plan.address === address) return;
  throw refused(
    plan.address === undefined
      ? `This machine has a fleet of its own (${varDir}).`
      : `This machine has joined with another address, ${plan.address}.`,
    `end what runs by "npm stop", move ${varDir} away with all that is in it, and fleet.env too; then join again`,
  );
}

/** Servers that run read their settings once. */
function requireIdle(varDir: string): void {
  if (!existsSync(varDir) || fleetProcesses(varDir).length === 0) return;
  throw refused(
    'Settings of the fleet were changed, and servers run here with the old ones.',
    'npm stop, then join again',
  );
}

function requireUsable(problems: string[]): void {
  if (problems.length === 0) return;
  throw refused(
    `That Redis cannot be used:\n${problems.join('\n')}`,
    'on the machine with nginx: npx fleet join; it prints what to type here',
  );
}

function otherEnv(name: string): FleetError {
  return refused(
    `There is a fleet.env that says something else in ${name}.`,
    'move fleet.env away, or correct it; then join again',
  );
}

function noFleet(prefix: string): FleetError {
  return refused(
    `No fleet that can be joined has that Redis with the prefix ${prefix} (KEY_PREFIX).`,
    'on the machine with nginx: REDIS_BIND or REDIS_URL in fleet.env, npm stop, npm start, npx fleet join',
  );
}

function unreachable(where: string, reason: string): FleetError {
  return refused(
    `The Redis at ${where} cannot be reached: ${reason}`,
    'open the way (firewall, REDIS_BIND on the other machine)',
  );
}

function notOurs(address: string): FleetError {
  return refused(
    `${address} is not an address of this machine by which another one reaches it.`,
    'npx fleet join --redis ... --address ADDRESS, with one that `ip address` shows',
  );
}

const refused = (message: string, next: string): FleetError =>
  new FleetError('precondition', message, 'Nothing was changed.', next);

/** What is typed on another machine to join this fleet; it holds a password. Throws FleetError. */
export function invitation({ settings }: LoadedSettings): string {
  const { redisUrl, redisBind, redisPort, keyPrefix, varDir } = settings;
  if (redisUrl === '' && redisBind === '')
    throw refused(
      'The Redis of this fleet listens on loopback alone, so no other machine can join.',
      'REDIS_BIND=<address of this machine> in fleet.env, npm stop, npm start; then again',
    );
  const host = redisBind.includes(':') ? `[${redisBind}]` : redisBind;
  const own = `redis://:${readSecrets(varDir).redisPassword}@${host}:${redisPort}`;
  const prefix = keyPrefix === settingsTable.keyPrefix.default ? '' : `KEY_PREFIX='${keyPrefix}' `;
  return `${prefix}npx fleet join --redis '${redisUrl === '' ? own : redisUrl}'`;
}
