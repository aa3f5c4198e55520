import { InvalidArgumentError, Option, type Command } from 'commander';
import { readSettings } from '../config/load';
import { exitCodes, FleetError } from '../fleet/errors';
import { observationsOf } from '../monitor/model/hours';
import { rehearse, type Rehearsal } from '../monitor/model/autoscale';
import { readReport } from '../monitor/read-report';
import { percent } from '../monitor/words/figures';
import { dayAndTime } from '../monitor/words/labels';
import { HOUR_MS } from '../usage/hours';
import { print, printJson } from './output';
import { table } from './table';

export interface AutoscaleOptions {
  min: number;
  max: number;
  days: number;
  dryRun?: boolean;
  json?: boolean;
}

/** The options of `fleet autoscale`. */
export function autoscaleOptions(command: Command): Command {
  return command
    .addOption(new Option('--min <servers>', 'never fewer').argParser(whole(64)).default(2))
    .addOption(new Option('--max <servers>', 'never more').argParser(whole(64)).makeOptionMandatory())
    .addOption(new Option('--days <count>', 'the last days').argParser(whole(90)).default(7))
    .option('--dry-run', 'say what it would have done (the only way there is)');
}

/** Says what scaling by the load would have done in the recorded days, and why. It changes nothing, ever. */
export async function autoscale({ min, max, days, dryRun, json }: AutoscaleOptions): Promise<number> {
  if (!dryRun) throw adviceOnly();
  if (min > max) throw upsideDown();
  const to = Date.now();
  const report = await readReport(readSettings().settings, to - days * 24 * HOUR_MS, to);
  const observations = observationsOf(report.hours, report.from, report.to);
  const result = rehearse(observations, report.analysis, { min, max });
  if (json)
    printJson({ schema: 'fleet.autoscale/1', min, max, verdict: report.analysis.verdict, ...(result ?? {}) });
  else print(result ? rehearsalText(result, { min, max }) : NOTHING_TO_GO_BY);
  return result ? exitCodes.ok : exitCodes.unhealthy;
}

const NOTHING_TO_GO_BY =
  'The load does not explain the CPU of these days, or too little is known: there is nothing to scale by.\nNext: npx fleet report --hours 168';

/** Pure but for the time zone: what it would have done, a step a line. */
export function rehearsalText(result: Rehearsal, { min, max }: { min: number; max: number }): string {
  const { steps, serverHours, serverHoursFixed, lateHours, hours } = result;
  const rows = steps.map(({ at, from, to, cpuBefore, cpuAfter, why, atMost }) => [
    dayAndTime(at),
    `${from} -> ${to}`,
    why === 'load' ? `CPU of a server was ${percent(cpuBefore)}, would be ${percent(cpuAfter)}` : `quiet: with one fewer CPU is ${percent(cpuAfter)}`,
    atMost ? `more were needed than the ${max} allowed` : '',
  ]); // prettier-ignore
  const saved = Math.round((1 - serverHours / Math.max(1, serverHoursFixed)) * 100);
  return [
    `What autoscale would have done in ${hours} recorded hours, with ${min} to ${max} servers. Nothing was changed.`,
    '',
    ...(rows.length > 0 ? table(rows, new Set([0, 1, 2, 3])) : ['Nothing: the number of servers would have stayed.']),
    '',
    `${serverHours} server hours; as many servers as the peak needs, all the time: ${serverHoursFixed} (${saved} % saved).`,
    lateHours.length === 0
      ? 'It would never have been late.'
      : `It would have been late in ${lateHours.length} of them: the load was there before the servers (${lateHours.slice(0, 5).map(dayAndTime).join(', ')}). --min ${Math.min(max, min + 1)} makes that rarer.`,
  ].join('\n'); // prettier-ignore
}

const whole =
  (most: number) =>
  (text: string): number => {
    if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > most)
      throw new InvalidArgumentError(`A whole number from 1 to ${most} is needed.`);
    return Number(text);
  };

function adviceOnly(): FleetError {
  const message = 'autoscale gives advice only: it never changes the number of servers by itself.';
  return new FleetError('usage', message, 'Nothing was changed.', 'add --dry-run');
}

function upsideDown(): FleetError {
  return new FleetError('usage', '--min is above --max.', 'Nothing was changed.', 'npx fleet autoscale --min 2 --max 8 --dry-run'); // prettier-ignore
}
