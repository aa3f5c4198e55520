import { readSettings } from '../config/load';
import { exitCodes, noPlan } from '../fleet/errors';
import { readPlan } from '../fleet/prepare';
import { lookAt } from '../monitor/doctor/look';
import { diagnose, type CheckResult, type Diagnosis } from '../monitor/doctor/run';
import { print, printJson } from './output';

/** Runs every check; anything found, or a check that failed, gives its own exit code. Changes nothing. */
export async function doctor({ json }: { json?: boolean }): Promise<number> {
  const { settings } = readSettings();
  const plan = readPlan(settings.varDir);
  if (!plan) throw noPlan('there is nothing to look at');
  const result = await diagnose(lookAt(plan, settings));
  if (json) printJson(result);
  else print(doctorText(result));
  return result.healthy ? exitCodes.ok : exitCodes.unhealthy;
}

const marks = { ok: 'ok', found: '!!', failed: '??' } as const;

/** Pure: a line for each check, and below it what was found and what to do. */
export function doctorText({ checks }: Diagnosis): string {
  const count = (state: CheckResult['state']): number =>
    checks.filter((check) => check.state === state).length;
  const lines = checks.flatMap(({ state, title, findings, problem }) => [
    `${marks[state]}  ${title}`,
    ...findings.flatMap(({ what, advice }) => [`      ${what}`, `      Do: ${advice}`]),
    ...(problem === undefined ? [] : [`      could not be checked: ${problem}`]),
  ]);
  return [
    ...lines,
    '',
    `${count('ok')} ok, ${count('found')} found something, ${count('failed')} failed.`,
  ].join('\n');
}
