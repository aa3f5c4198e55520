import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config/settings';
import { noPlan } from '../fleet/errors';
import { serversOf } from '../fleet/plan';
import { readPlan } from '../fleet/prepare';
import type { RecordLine } from './line';
import { recordFolder } from '../fleet/record-folder';
import { RecordWriter } from './record';
import { Sampler } from './sampler';

export interface Sample {
  lines: RecordLine[];
  /** Why they are not in the record, if they are not. */
  problem: string | undefined;
}

const SAMPLE_MS = 2_000;

/**
 * Looks at every server twice, two seconds apart, and appends a line for each to the record, as the monitor does.
 * Needs neither PM2 nor Redis nor the monitor. Throws FleetError where no fleet was ever started; what could not be
 * written it says in `problem`, beside the lines.
 */
export async function takeSample({ varDir }: Pick<Settings, 'varDir'>): Promise<Sample> {
  const plan = readPlan(varDir);
  if (!plan) throw noPlan('there is nothing to look at');
  const sampler = new Sampler();
  const servers = serversOf(plan);
  await Promise.all([sampler.probe(servers), sleep(SAMPLE_MS)]);
  await sampler.probe(servers);
  const lines = sampler.lines(Math.floor(Date.now() / 1_000) * 1_000);
  let problem: string | undefined;
  new RecordWriter(recordFolder(varDir), (reason) => (problem = reason)).write(lines);
  return { lines, problem };
}
