import { InvalidArgumentError, Option, type Command } from 'commander';
import { timeOf } from '../time';
import { languageOption } from './language';

/** The options of `fleet report`, but for --json. */
export function reportOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--hours <count>', 'the last hours').argParser(hourCount).default(24).conflicts('from'),
    )
    .option(
      '--calls <files...>',
      'of another server: tables of time,count, or logs in which a line is a call',
    )
    .option(
      '--cpu <files...>',
      'of another server: tables of time,percent, the text of `sar -u`, or our record',
    )
    .addOption(
      new Option('--pattern <expression>', 'which lines of the logs are calls').argParser(expression),
    )
    .option('--time-zone <zone>', 'of times without an offset in these files (default: that of this machine)')
    .addOption(new Option('--cores <count>', 'of the machine that the fleet is for').argParser(coreCount))
    .option('--from <time>', 'since this day or time, such as 2026-11-22T10:00', moment(false))
    .option('--to <time>', 'up to the end of this day, or to this time (default: now)', moment(true))
    .addOption(new Option('--csv', 'print a line for each hour').conflicts(['json', 'html']))
    .addOption(new Option('--html', 'print a page with charts, for a browser').conflicts('json'))
    .addOption(languageOption());
}

function hourCount(text: string): number {
  const hours = Number(text);
  if (!/^\d+$/.test(text) || hours < 1 || hours > 90 * 24)
    throw new InvalidArgumentError('A whole number from 1 to 2160 is needed.');
  return hours;
}

const moment =
  (end: boolean) =>
  (text: string): number => {
    const at = timeOf(text, end);
    if (at === undefined)
      throw new InvalidArgumentError('A date such as 2026-11-22 or 2026-11-22T10:00 is needed.');
    return at;
  };

function expression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function coreCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on is needed.');
  return Number(text);
}
