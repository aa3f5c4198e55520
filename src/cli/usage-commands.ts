import { readSettings } from '../config/load';
import { exitCodes, FleetError } from '../fleet/errors';
import { formatLine, recordHeader } from '../monitor/line';
import { readReport } from '../monitor/read-report';
import { recordFolder } from '../fleet/record-folder';
import { recordFile } from '../monitor/record';
import { takeSample } from '../monitor/sample';
import { HOUR_MS } from '../usage/hours';
import { print, printJson } from './output';
import { reportText, type BarMark } from './report-text';

/** Nothing is kept longer. */
const LONGEST_MS = 90 * 24 * HOUR_MS;

/** Takes one sample of every server into the record, for those who prefer cron to the monitor. */
export async function sample({ json }: { json?: boolean }): Promise<number> {
  const { varDir } = readSettings().settings;
  const { lines, problem } = await takeSample({ varDir });
  const file = recordFile(recordFolder(varDir), lines[0]!.at);
  if (json) printJson({ schema: 'fleet.sample/1', file, lines });
  else print([recordHeader, ...lines.map(formatLine)].join('\n'));
  if (problem !== undefined) throw notWritten(problem);
  return lines.every(({ state }) => state === 'ok') ? exitCodes.ok : exitCodes.unhealthy;
}

export interface ReportOptions {
  json?: boolean;
  hours: number;
  from?: number;
  to?: number;
}

/** Lays usage and CPU side by side, hour by hour. Without Redis it shows the record alone: unhealthy. */
export async function report({ json, hours, ...range }: ReportOptions): Promise<number> {
  const now = Date.now();
  const to = Math.min(now, range.to ?? now);
  // The hour that is running counts as one.
  const from = range.from ?? to - 1 - (hours - 1) * HOUR_MS;
  if (from >= to) throw noTime();
  const result = await readReport(readSettings().settings, Math.max(from, to - LONGEST_MS), to);
  if (json) printJson(result);
  else print(reportText(result, barMark()));
  return result.counters ? exitCodes.ok : exitCodes.unhealthy;
}

function barMark(): BarMark {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') ? '█' : '#';
}

function notWritten(problem: string): FleetError {
  return new FleetError(
    'failure',
    `The record cannot be written: ${problem}`,
    'The record is as it was; the figures are above.',
    'make room on the disk, or let this user write there',
  );
}

function noTime(): FleetError {
  return new FleetError(
    'usage',
    'The time to report on is over before it begins, or has not begun.',
    'Nothing was changed.',
    'npx fleet report --help',
  );
}
