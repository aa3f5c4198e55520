import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../config/settings';
import { isOn } from '../fleet/address';
import { askRedis } from '../fleet/ask-redis';
import { FleetError } from '../fleet/errors';
import { serversOf } from '../fleet/plan';
import { readPlan } from '../fleet/prepare';
import { recordFolder } from '../fleet/record-folder';
import { RedisAway } from '../redis/away';
import { hourOf } from '../usage/hours';
import { readUsage, type HourUsage } from '../usage/reader';
import { readRecord } from './record';
import { reportOf, type UsageReport } from './report';

/** A line is written this long after its interval at the latest. */
const WRITTEN_WITHIN_MS = 10_000;

/** Counters of hours, or why there are none. */
type Counters = HourUsage[] | { problem: string };

/** Reads the counters and the record of a time and lays them side by side. Throws FleetError if there is neither. */
export async function readReport(settings: Settings, from: number, to: number): Promise<UsageReport> {
  const start = hourOf(from);
  const plan = readPlan(settings.varDir);
  const counters = await countersOf(settings, start, to, plan?.address);
  const [usage, problem] = Array.isArray(counters) ? [counters] : [undefined, counters.problem];
  const lines = readRecord(recordFolder(settings.varDir), start, to);
  const counted = usage?.some(({ totals }) => Object.keys(totals).length > 0);
  if (!counted && lines.length === 0) throw nothingKnown(problem);
  const planned = plan ? serversOf(plan).map(({ name }) => name) : [];
  const due = Math.min(to, Date.now() - WRITTEN_WITHIN_MS);
  const intervalMs = settings.recordSeconds * 1_000;
  const cores = availableParallelism();
  return reportOf({ from: start, to, usage, problem, lines, planned, intervalMs, due, cores });
}

/** Of this machine alone, because so is the record of CPU that they are laid beside. */
async function countersOf(
  settings: Settings,
  from: number,
  to: number,
  address: string | undefined,
): Promise<Counters> {
  // Without secrets the fleet's own Redis has never run.
  if (settings.redisUrl === '' && !existsSync(join(settings.varDir, 'secrets.json')))
    return { problem: 'it was never started' };
  try {
    return await askRedis(settings, 'fleet-report', (redis) =>
      readUsage(redis, settings.keyPrefix, from, to, (server) => isOn(address, server)),
    );
  } catch (error) {
    if (error instanceof RedisAway) return { problem: error.message };
    throw error;
  }
}

/** `problem`: why Redis does not answer, if it does not. */
function nothingKnown(problem: string | undefined): FleetError {
  const answers = problem === undefined;
  return new FleetError(
    'precondition',
    answers
      ? 'Nothing was counted in these hours, and there is no record of them.'
      : `Redis does not answer (${problem}), and there is no record of these hours.`,
    'Nothing was changed.',
    answers ? 'npx fleet report --hours 168, for the whole week' : 'npx fleet up',
  );
}
