import { performance } from 'node:perf_hooks';
import type { PlannedServer } from '../../fleet/plan';
import { readStats } from '../../fleet/probe';
import type { ProcessSample } from '../../fleet/process-sample';
import type { ServerStats } from '../../protocol/stats';
import { parseInfo } from '../../redis/preflight';
import type { Redis } from '../../redis/redis';
import { processOf } from '../process';
import { together } from './together';

/** All that was seen of the fleet at one moment. */
export interface Look {
  /** ms since 1970 */
  at: number;
  /** ms of a clock that never goes back. */
  clock: number;
  servers: ServerLook[];
  /** What INFO says, of a cluster what its masters say together; missing: Redis, or any master, does not answer. */
  redis?: Record<string, string>;
}

export interface ServerLook extends PlannedServer {
  /** Missing: no answer in time. */
  stats?: ServerStats;
  /** Missing: there is no process, or it cannot be seen. */
  process?: ProcessSample;
}

const ANSWER_WITHIN_MS = 2_000;

/** Looks at each server and at Redis once. Takes 2 s at most, whatever stands still; never rejects. */
export async function lookAt(
  servers: PlannedServer[],
  redis: Redis,
  before: Look | undefined,
): Promise<Look> {
  const [seen, facts] = await Promise.all([
    Promise.all(servers.map((server) => lookAtServer(server, before))),
    factsOf(redis),
  ]);
  return { at: Date.now(), clock: performance.now(), servers: seen, ...(facts && { redis: facts }) };
}

async function lookAtServer(server: PlannedServer, before: Look | undefined): Promise<ServerLook> {
  const stats = await readStats(server, ANSWER_WITHIN_MS);
  const known = before?.servers.find(({ name }) => name === server.name)?.process;
  const process = processOf(server.port, stats, known);
  return { ...server, ...(stats && { stats }), ...(process && { process }) };
}

async function factsOf({ shards }: Redis): Promise<Record<string, string> | undefined> {
  try {
    const infos = shards.map(({ commands }) => commands.run((client) => client.info()));
    return together((await Promise.all(infos)).map(parseInfo));
  } catch {
    return undefined; // it is away
  }
}
