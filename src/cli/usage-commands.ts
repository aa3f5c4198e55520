import { readSettings } from '../config/load';
import { exitCodes, FleetError } from '../fleet/errors';
import { formatLine, recordHeader } from '../monitor/line';
import { readReport } from '../monitor/read-report';
import { recordFile, recordFolder } from '../monitor/record';
import { takeSample } from '../monitor/sample';
import { print, printJson } from './output';
import { reportText, type BarMark } from './report-text';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Takes one sample of every server into the record, for those who prefer cron to the monitor. */
export async function sample({ json }: { json?: boolean }): Promise<number> {
  const { varDir } = readSettings().settings;
  const lines = await takeSample({ varDir });
  const file = recordFile(recordFolder(varDir), lines[0]!.at);
  if (json) printJson({ schema: 'fleet.sample/1', file, lines });
  else print([recordHeader, ...lines.map(formatLine)].join('\n'));
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
  const result = await readReport(readSettings().settings, from, to);
  if (json) printJson(result);
  else print(reportText(result, barMark()));
  return result.counters ? exitCodes.ok : exitCodes.unhealthy;
}

/** Pure but for the time zone: 2026-11-22 or 2026-11-22T10:00 as people here mean it; undefined if it is neither. */
export function timeOf(text: string, end: boolean): number | undefined {
  const [, date, time] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d))?$/.exec(text) ?? [];
  const at = Date.parse(`${date}T${time ?? '00:00'}:00`);
  if (date === undefined || Number.isNaN(at)) return undefined;
  return end && time === undefined ? at + DAY_MS : at;
}

function barMark(): BarMark {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') ? '█' : '#';
}

function noTime(): FleetError {
  return new FleetError(
    'usage',
    'The time to report on is over before it begins, or has not begun.',
    'Nothing was changed.',
    'npx fleet report --help',
  );
}
