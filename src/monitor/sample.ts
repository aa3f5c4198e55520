import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config/settings';
import { FleetError } from '../fleet/errors';
import { serversOf } from '../fleet/plan';
import { readPlan } from '../fleet/prepare';
import type { RecordLine } from './line';
import { recordFolder, RecordWriter } from './record';
import { Sampler } from './sampler';

const SAMPLE_MS = 2_000;

/**
 * Looks at every server twice, two seconds apart, and appends a line for each to the record, as the monitor does.
 * Needs neither PM2 nor Redis nor the monitor. Throws FleetError.
 */
export async function takeSample({ varDir }: Pick<Settings, 'varDir'>): Promise<RecordLine[]> {
  const plan = readPlan(varDir);
  if (!plan) throw failed('precondition', 'No fleet was ever started here, so there is nothing to look at.');
  const sampler = new Sampler();
  const servers = serversOf(plan);
  await Promise.all([sampler.probe(servers), sleep(SAMPLE_MS)]);
  await sampler.probe(servers);
  const lines = sampler.lines(Math.floor(Date.now() / 1_000) * 1_000);
  let problem = '';
  const record = new RecordWriter(recordFolder(varDir), (message) => (problem = message));
  if (!record.write(lines)) throw failed('failure', problem);
  return lines;
}

function failed(kind: 'precondition' | 'failure', message: string): FleetError {
  const next = kind === 'failure' ? 'make room on the disk, or let this user write there' : 'npx fleet up';
  return new FleetError(kind, message, 'The record is as it was.', next);
}
