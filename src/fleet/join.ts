import { existsSync } from 'node:fs';
import { join as path } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { projectRoot } from '../config/load';
import type { LoadedSettings } from '../config/load-settings';
import { readSecrets, sharedSecrets, takeSecrets, type SharedSecrets } from '../config/secrets';
import { redisProblems } from '../redis/preflight';
import { hostName } from './address';
import { askRedis } from './ask-redis';
import type { FleetError } from './errors';
import { envText, type JoinRequest } from './host-env';
import { refusedJoin } from './join-refusal';
import { addressTowards, requireOwnAddress } from './own-address';
import { readPlan } from './prepare';
import { fleetProcesses } from './processes';
import { Registry } from './registry';
import { readText, writeText } from './text-file';

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
  const shared = await askRedis(there, 'fleet-join', (redis) => new Registry(redis, there).read()).catch(
    unread,
  );
  if (!shared) throw noFleet(settings.keyPrefix);
  const file = path(projectRoot, 'fleet.env');
  const old = readText(file);
  const text = envText(old, request, address, shared);
  if (text !== old || !sameSecrets(readSecrets(varDir), shared)) {
    requireIdle(varDir);
    writeText(file, text, 0o600);
    takeSecrets(varDir, shared);
  }
  return hostName(address);
}

const sameSecrets = (own: SharedSecrets, shared: SharedSecrets): boolean =>
  isDeepStrictEqual(sharedSecrets(own), sharedSecrets(shared));

/** A plan is from a fleet that was started here. */
function requireSameHost(varDir: string, address: string): void {
  const plan = readPlan(varDir);
  if (!plan || plan.address === address) return;
  throw refusedJoin(
    plan.address === undefined
      ? `This machine has a fleet of its own (${varDir}).`
      : `This machine has joined with another address, ${plan.address}.`,
    `end what runs by "npm stop", move ${varDir} away with all that is in it, and fleet.env too; then join again`,
  );
}

/** Servers that run read their settings once. */
function requireIdle(varDir: string): void {
  if (!existsSync(varDir) || fleetProcesses(varDir).length === 0) return;
  throw refusedJoin(
    'Settings of the fleet were changed, and servers run here with the old ones.',
    'npm stop, then join again',
  );
}

function unread({ message }: Error): never {
  throw refusedJoin(`That Redis does not answer: ${message}`, 'type it again');
}

function requireUsable(problems: string[]): void {
  if (problems.length === 0) return;
  throw refusedJoin(
    `That Redis cannot be used:\n${problems.join('\n')}`,
    'on the machine with nginx: npx fleet join; it prints what to type here',
  );
}

function noFleet(prefix: string): FleetError {
  return refusedJoin(
    `No fleet that can be joined has that Redis with the prefix ${prefix} (KEY_PREFIX).`,
    'on the machine with nginx: REDIS_BIND or REDIS_URL in fleet.env, npm stop, npm start, npx fleet join',
  );
}
