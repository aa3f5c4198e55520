import { doctorEn, type DoctorWords } from '../words/doctor-en';
import { checks } from './checks';
import type { Check, Finding, Look } from './types';

/** What came of one check. */
export interface CheckResult {
  name: string;
  title: string;
  state: 'ok' | 'found' | 'failed';
  findings: Finding[];
  /** Why it failed. */
  problem?: string;
}

/** The object that `fleet doctor --json` prints. Fields are only ever added. */
export interface Diagnosis {
  schema: 'fleet.doctor/1';
  healthy: boolean;
  checks: CheckResult[];
}

const WITHIN_MS = 20_000;

/** Runs all checks at once, which say what they find in these words. One that throws, or takes too long, has failed, and costs the others nothing. */
export async function diagnose(
  look: Look,
  words: DoctorWords = doctorEn,
  all: Check[] = checks,
  withinMs = WITHIN_MS,
): Promise<Diagnosis> {
  const results = await Promise.all(all.map((check) => runOne(check, look, words, withinMs)));
  return { schema: 'fleet.doctor/1', healthy: results.every(({ state }) => state === 'ok'), checks: results };
}

async function runOne(check: Check, look: Look, words: DoctorWords, withinMs: number): Promise<CheckResult> {
  const { name, run } = check;
  const title = check.title(words);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result within ${withinMs / 1_000} s`)), withinMs);
  });
  try {
    const findings = await Promise.race([Promise.resolve(look).then((seen) => run(seen, words)), late]);
    return { name, title, state: findings.length === 0 ? 'ok' : 'found', findings };
  } catch (error) {
    return { name, title, state: 'failed', findings: [], problem: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
