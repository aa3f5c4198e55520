import { InvalidArgumentError, Option, type Command } from 'commander';
import { readSettings } from '../config/load';
import { exitCodes, FleetError } from '../fleet/errors';
import { observationsOf } from '../monitor/model/hours';
import { rehearse, type Rehearsal } from '../monitor/model/autoscale';
import { readReport } from '../monitor/read-report';
import { en, type Words } from '../monitor/words/en';
import { percent, share } from '../monitor/words/figures';
import { dayAndTime } from '../monitor/words/labels';
import { HOUR_MS } from '../usage/hours';
import { print, printJson } from './output';
import { languageOption, wordsFor, type Language } from './report/language';
import { table } from './table';

export interface AutoscaleOptions {
  min: number;
  max: number;
  days: number;
  dryRun?: boolean;
  json?: boolean;
  lang?: Language;
}

/** The options of `fleet autoscale`. */
export function autoscaleOptions(command: Command): Command {
  return command
    .addOption(new Option('--min <servers>', 'never fewer').argParser(whole(64)).default(2))
    .addOption(new Option('--max <servers>', 'never more').argParser(whole(64)).makeOptionMandatory())
    .addOption(new Option('--days <count>', 'the last days').argParser(whole(90)).default(7))
    .option('--dry-run', 'say what it would have done (the only way there is)')
    .addOption(languageOption());
}

/** Says what scaling by the load would have done in the recorded days, and why. It changes nothing, ever. */
export async function autoscale({ min, max, days, dryRun, json, lang }: AutoscaleOptions): Promise<number> {
  if (!dryRun) throw adviceOnly();
  if (min > max) throw upsideDown();
  const to = Date.now();
  const report = await readReport(readSettings().settings, to - days * 24 * HOUR_MS, to);
  const observations = observationsOf(report.hours, report.from, report.to);
  const result = rehearse(observations, report.analysis, { min, max });
  if (json)
    printJson({ schema: 'fleet.autoscale/1', min, max, verdict: report.analysis.verdict, ...(result ?? {}) });
  else print(textOf(result, { min, max }, wordsFor(lang, process.env)));
  return result ? exitCodes.ok : exitCodes.unhealthy;
}

interface Range {
  min: number;
  max: number;
}

const textOf = (result: Rehearsal | undefined, range: Range, words: Words): string =>
  result ? rehearsalText(result, range, words) : words.autoscale.nothingToGoBy;

const SHOWN_LATE = 5;

/** Pure but for the time zone: what it would have done, a step a line. */
export function rehearsalText(
  result: Rehearsal,
  { min, max }: Range,
  { autoscale: words }: Words = en,
): string {
  const { steps, serverHours, serverHoursFixed, lateHours, hours } = result;
  const rows = steps.map(({ at, from, to, cpuBefore, cpuAfter, why, atMost }) => [
    dayAndTime(at),
    `${from} -> ${to}`,
    why === 'load' ? words.load(percent(cpuBefore), percent(cpuAfter)) : words.quiet(percent(cpuAfter)),
    atMost ? words.atMost(max) : '',
  ]);
  const saved = share(1 - serverHours / Math.max(1, serverHoursFixed));
  const shown = lateHours.slice(0, SHOWN_LATE).map(dayAndTime).join(', ');
  return [
    words.title(hours, min, max),
    '',
    ...(rows.length > 0 ? table(rows, new Set([0, 1, 2, 3])) : [words.stays]),
    '',
    words.cost(serverHours, serverHoursFixed, saved),
    lateHours.length === 0 ? words.neverLate : words.late(lateHours.length, shown, Math.min(max, min + 1)),
  ].join('\n');
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
