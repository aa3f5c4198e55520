import { createClient } from 'redis';
import { factWords } from './fact-words';
import { redisAddresses } from '../config/redis-addresses';
import { tagIn } from './shard';
import { parseNodes, SLOTS, type Master } from './slots';
import { urlAt } from './topology';

const CONNECT_TIMEOUT_MS = 3_000;

/**
 * Looks whether a Redis that somebody else runs can carry the fleet. Returns each failing point in words;
 * an empty list means that all is well. Leaves nothing behind in that Redis.
 */
export async function redisProblems(url: string, keyPrefix: string): Promise<string[]> {
  const addresses = redisAddresses(url);
  const key = `${keyPrefix}preflight`;
  if (addresses.length > 1) return clusterProblems(addresses, key);
  return ask(url, async (client) => {
    const facts = parseInfo(await client.info());
    return facts.redis_mode === 'cluster' ? [ONE_NODE] : aloneProblems(client, facts, key);
  });
}

const ONE_NODE = 'it is a node of a Redis Cluster: name several nodes of that, with commas between';
const BRACES = 'KEY_PREFIX may have no braces in it: in a cluster they say which keys lie together';

/** What is wrong with each master. The first address that answers tells who these are. */
async function clusterProblems(addresses: string[], key: string): Promise<string[]> {
  if (/[{}]/.test(key)) return [BRACES];
  let problems: string[] = [];
  for (const address of addresses) {
    let masters: Master[] = [];
    problems = await ask(address, async (client) => {
      ({ masters } = parseNodes(String(await client.sendCommand(['CLUSTER', 'NODES']))));
      return coverageProblems(masters);
    });
    if (masters.length === 0) continue;
    const found = await Promise.all(masters.map((master) => masterProblems(address, master, key)));
    return [...problems, ...found.flat()];
  }
  return problems;
}

async function masterProblems(asked: string, { address, slots }: Master, key: string): Promise<string[]> {
  const problems = await ask(urlAt(asked, address), async (client) => [
    ...(await aloneProblems(client, parseInfo(await client.info()), `${key}{${tagIn(slots)}}`)),
    ...(await wholeOrNothing(client)),
  ]);
  return problems.map((problem) => `${address}: ${problem}`);
}

function coverageProblems(masters: Master[]): string[] {
  const ranges = masters.flatMap(({ slots }) => slots);
  const served = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return served === SLOTS ? [] : [`${SLOTS - served} of its slots have no master`];
}

type Client = ReturnType<typeof newClient>;

const newClient = (url: string) =>
  createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: false },
  });

/** Asks over a connection that is closed then. Never rejects: that there is none is a problem too. */
async function ask(url: string, questions: (client: Client) => Promise<string[]>): Promise<string[]> {
  const client = newClient(url);
  client.on('error', () => undefined); // the same error comes out of connect() or of the command
  try {
    await client.connect();
    return await questions(client);
  } catch (error) {
    return [`no connection: ${(error as Error).message || 'refused'}`];
  } finally {
    client.destroy();
  }
}

async function aloneProblems(client: Client, facts: Record<string, string>, key: string): Promise<string[]> {
  return [
    ...factProblems(facts),
    ...(await attempt('scripts that write keys', () =>
      client.eval("redis.call('set', KEYS[1], 1) return redis.call('del', KEYS[1])", { keys: [key] }),
    )),
    ...(await attempt('sharded channels', () => client.sPublish(key, ''))),
    ...(await attempt('channels', () => client.publish(key, ''))),
  ];
}

/** Pure: what is wrong with a Redis by its own INFO. */
export function factProblems(facts: Record<string, string>, words = factWords): string[] {
  const { redis_version: version = 'unknown', maxmemory_policy: policy = 'unknown' } = facts;
  return [
    Number.parseInt(version, 10) >= 7 ? '' : words.version(version),
    policy === 'noeviction' ? '' : words.evicts(policy),
    facts.aof_enabled === '1' ? '' : words.keepsNoFile,
    facts.role === 'slave' ? words.replica : '',
  ].filter(Boolean);
}

/** Pure: the `name:value` lines of INFO. */
export function parseInfo(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(/\r?\n/)
      .filter((line) => /^[^#:]+:/.test(line))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

/** By default a cluster answers nobody any more as soon as one slot is without a master. Who may not ask, is not told. */
async function wholeOrNothing(client: Client): Promise<string[]> {
  const name = 'cluster-require-full-coverage';
  const asked = await client.configGet(name).catch(() => undefined);
  return asked?.[name] === 'yes'
    ? [`${name} is yes, needed is no: one master that is away would stop all rooms`]
    : [];
}

async function attempt(what: string, command: () => Promise<unknown>): Promise<string[]> {
  try {
    await command();
    return [];
  } catch (error) {
    return [`its user may not use ${what}: ${(error as Error).message}`];
  }
}
