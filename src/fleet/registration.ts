import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config/settings';
import { RedisAway } from '../redis/away';
import { askRedis } from './ask-redis';
import { FleetError } from './errors';
import { hostOf, parseHost, hostText, type JoinedHost } from './hosts';
import { serversOf, type Plan } from './plan';
import { until } from './probe';
import { Registry } from './registry';
import { readText, writeText } from './text-file';

/** The side of nginx looks every 3 s, and a reload takes a moment. */
const TAKEN_WITHIN_MS = 20_000;

type Joined = Plan & { address: string };

/** This machine is a joined host: nginx, and the Redis, are on another one. */
export const isJoinedPlan = (plan: Plan): plan is Joined => plan.address !== undefined;

const file = (varDir: string): string => join(varDir, 'registration.json');

/** What this host says of itself, again and again: for it what nginx.conf is for the machine with nginx. */
export function readRegistration(varDir: string): JoinedHost | undefined {
  const text = readText(file(varDir));
  return text === undefined ? undefined : parseHost(text);
}

/** From here on the monitor says this. */
export function writeRegistration(varDir: string, host: JoinedHost): void {
  writeText(file(varDir), hostText(host));
}

export const registrationOf = (plan: Joined): JoinedHost => hostOf(plan, serversOf(plan));

/** Says at once what this host consists of, and waits until nginx leads there. Throws FleetError. */
export async function registerHost(host: JoinedHost, settings: Settings, stop?: AbortSignal): Promise<void> {
  writeRegistration(settings.varDir, host);
  const taken = await withRegistry(settings, async (registry) => {
    await registry.register(host);
    return until(() => registry.isTaken(host), TAKEN_WITHIN_MS, stop);
  });
  if (!taken)
    throw notTaken(
      `The nginx side of the fleet has not taken this host in within ${TAKEN_WITHIN_MS / 1_000} s.`,
    );
}

/** This host says no longer that it is there. */
export async function unregisterHost(address: string, settings: Settings): Promise<void> {
  rmSync(file(settings.varDir), { force: true });
  await withRegistry(settings, (registry) => registry.remove(address));
}

async function withRegistry<T>(settings: Settings, work: (registry: Registry) => Promise<T>): Promise<T> {
  try {
    return await askRedis(settings, 'fleet-host', (redis) => work(new Registry(redis, settings)));
  } catch (error) {
    if (error instanceof RedisAway) throw notTaken(`Redis does not answer: ${error.message}`);
    throw error;
  }
}

function notTaken(message: string): FleetError {
  return new FleetError(
    'timeout',
    message,
    'nginx leads to this host as before.',
    'on the machine with nginx: npx fleet status; npx fleet logs chat-monitor',
  );
}
