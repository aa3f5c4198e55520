import type { Settings } from '../config/settings';
import { serverUrl } from './address';
import { FleetError } from './errors';
import { checkAuth, sendAcross } from './message-check';
import { NGINX_APP, REDIS_APP, type PlannedServer } from './plan';
import { answers, readStats, redisAnswers, until } from './probe';
import { baseUrl } from './url';

const READY_WITHIN_MS = 30_000;
const MESSAGE_WITHIN_MS = 20_000;

/**
 * Waits until each of these servers says that it is ready: it, and no other program that has its port. Throws
 * FleetError (timeout), or the reason to stop.
 */
export async function serversReady(servers: PlannedServer[], stop: AbortSignal): Promise<string> {
  const isReady = (server: PlannedServer) => async (): Promise<boolean> =>
    (await answers(serverUrl(server, '/readyz'))) && (await readStats(server)) !== undefined;
  const results = await Promise.all(servers.map((server) => until(isReady(server), READY_WITHIN_MS, stop)));
  const late = servers.filter((_, index) => !results[index]).map(({ name }) => name);
  if (late[0] === undefined) return `${servers.length} of ${servers.length} servers`;
  throw notInTime(`Not ready within ${READY_WITHIN_MS / 1000} s: ${late.join(', ')}`, late[0]);
}

/** Waits until nginx passes requests on to a server. Throws as serversReady. */
export async function nginxAnswers(settings: Settings, stop: AbortSignal): Promise<string> {
  const url = baseUrl(settings);
  if (await until(() => answers(`${url}livez`), READY_WITHIN_MS, stop)) return url;
  throw notInTime(`nginx does not answer at ${url}`, NGINX_APP);
}

/** Waits until a message has crossed from one server to the other. Throws as serversReady. */
export async function messageCrosses(
  [from, to]: [PlannedServer, PlannedServer],
  settings: Settings,
  stop: AbortSignal,
): Promise<string> {
  const auth = await checkAuth(settings);
  if (!auth) return 'left out: guests are not allowed, and this fleet signs no tokens';
  let outcome: number | string = 'not tried';
  const crosses = async (): Promise<boolean> => {
    outcome = await sendAcross(from, to, auth).catch((error: Error) => error.message);
    return typeof outcome === 'number';
  };
  const crossed = await until(crosses, MESSAGE_WITHIN_MS, stop);
  if (!crossed)
    throw await noCrossing(`No message went from ${from.name} to ${to.name}`, outcome, to.name, settings);
  return `${from.name} -> ${to.name} in ${Number(outcome).toFixed(0)} ms`;
}

/** Servers without Redis are no news when it is our own one that stands still. */
async function noCrossing(
  what: string,
  outcome: number | string,
  app: string,
  { redisUrl, redisPort }: Settings,
): Promise<FleetError> {
  const isRedis = redisUrl === '' && !(await redisAnswers(redisPort));
  return isRedis
    ? notInTime(`${what}: ${REDIS_APP} does not answer`, REDIS_APP)
    : notInTime(`${what}: ${outcome}`, app);
}

function notInTime(message: string, app: string): FleetError {
  const unchanged = 'What this run had started was stopped again; what ran before goes on.';
  return new FleetError('timeout', message, unchanged, `npx fleet logs ${app}`);
}
