import { readSettings } from '../config/load';
import { exitCodes, noPlan } from '../fleet/errors';
import { readPlan } from '../fleet/prepare';
import { lookAt } from '../monitor/doctor/look';
import { diagnose, type CheckResult, type Diagnosis } from '../monitor/doctor/run';
import { doctorEn, type DoctorWords } from '../monitor/words/doctor-en';
import { print, printJson } from './output';
import { wordsFor, type Language } from './report/language';

interface DoctorOptions {
  json?: boolean;
  lang?: Language;
}

/**
 * Runs every check; anything found, or a check that failed, gives its own exit code. Changes nothing. What programs
 * read is English in every language.
 */
export async function doctor({ json, lang }: DoctorOptions): Promise<number> {
  const { settings } = readSettings();
  const plan = readPlan(settings.varDir);
  if (!plan) throw noPlan('there is nothing to look at');
  const words = json ? doctorEn : wordsFor(lang, process.env).doctor;
  const result = await diagnose(lookAt(plan, settings), words);
  if (json) printJson(result);
  else print(doctorText(result, words));
  return result.healthy ? exitCodes.ok : exitCodes.unhealthy;
}

const marks = { ok: 'ok', found: '!!', failed: '??' } as const;

/** Pure: a line for each check, and below it what was found and what to do. */
export function doctorText({ checks }: Diagnosis, words: DoctorWords = doctorEn): string {
  const count = (state: CheckResult['state']): number =>
    checks.filter((check) => check.state === state).length;
  const lines = checks.flatMap(({ state, title, findings, problem }) => [
    `${marks[state]}  ${title}`,
    ...findings.flatMap(({ what, advice }) => [`      ${what}`, `      ${words.do}: ${advice}`]),
    ...(problem === undefined ? [] : [`      ${words.notChecked(problem)}`]),
  ]);
  return [...lines, '', words.summary(count('ok'), count('found'), count('failed'))].join('\n');
}
