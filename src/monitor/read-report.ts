import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { redisUrlOf } from '../config/redis-url';
import { readSecrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import { FleetError } from '../fleet/errors';
import { until } from '../fleet/probe';
import { RedisAway, RedisConnection } from '../redis/connection';
import { hourOf } from '../usage/hours';
import { readUsage, type HourUsage } from '../usage/reader';
import { readRecord, recordFolder } from './record';
import { reportOf, type UsageReport } from './report';

const CONNECT_WITHIN_MS = 2_000;

/** Reads the counters and the record of a time and lays them side by side. Throws FleetError if there is neither. */
export async function readReport(settings: Settings, from: number, to: number): Promise<UsageReport> {
  const start = hourOf(from);
  const usage = await countersOf(settings, start, to);
  const lines = readRecord(recordFolder(settings.varDir), start, to);
  const counted = usage?.some(({ totals }) => Object.keys(totals).length > 0);
  if (!counted && lines.length === 0) throw nothingKnown(usage !== undefined);
  return reportOf({ from: start, to, usage, lines, intervalMs: settings.recordSeconds * 1_000 });
}

/** undefined: Redis does not answer. */
async function countersOf(settings: Settings, from: number, to: number): Promise<HourUsage[] | undefined> {
  // Without secrets the fleet's own Redis has never run.
  if (settings.redisUrl === '' && !existsSync(join(settings.varDir, 'secrets.json'))) return undefined;
  const connection = new RedisConnection({
    url: settings.redisUrl === '' ? redisUrlOf(settings, readSecrets(settings.varDir)) : settings.redisUrl,
    name: 'fleet-report',
    deadlineMs: settings.redisDeadlineMs,
    onError: () => undefined, // without an answer the report says so
  });
  try {
    const ready = await until(() => Promise.resolve(connection.ready), CONNECT_WITHIN_MS);
    return ready ? await readUsage(connection, settings.keyPrefix, from, to) : undefined;
  } catch (error) {
    if (error instanceof RedisAway) return undefined;
    throw error;
  } finally {
    connection.close();
  }
}

function nothingKnown(redisAnswers: boolean): FleetError {
  return new FleetError(
    'precondition',
    redisAnswers
      ? 'Nothing was counted in these hours, and there is no record of them.'
      : 'Redis does not answer, and there is no record of these hours.',
    'Nothing was changed.',
    redisAnswers ? 'npx fleet report --hours 168, for the whole week' : 'npx fleet up',
  );
}
