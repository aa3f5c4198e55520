import { readSettings } from '../../config/load';
import { exitCodes, FleetError } from '../../fleet/errors';
import { reportOfFiles } from '../../monitor/files/read-files';
import { readReport } from '../../monitor/read-report';
import type { UsageReport } from '../../monitor/report';
import { HOUR_MS } from '../../usage/hours';
import { print, printJson } from '../output';
import type { BarMark } from './bars';
import { reportCsv } from './csv';
import { reportHtml } from './html';
import { wordsFor, type Language } from './language';
import { reportText } from './text';

/** Nothing is kept longer. */
const LONGEST_MS = 90 * 24 * HOUR_MS;

export interface ReportOptions {
  json?: boolean;
  csv?: boolean;
  html?: boolean;
  lang?: Language;
  hours: number;
  from?: number;
  to?: number;
  calls?: string[];
  cpu?: string[];
  pattern?: RegExp;
  timeZone?: string;
  cores?: number;
}

/**
 * Lays usage and CPU side by side, hour by hour, of the fleet or of files. Without the counts it shows the record
 * alone: unhealthy.
 */
export async function report(options: ReportOptions): Promise<number> {
  const { calls = [], cpu = [], pattern, timeZone: zone, cores, from, to } = options;
  const isOfFiles = calls.length + cpu.length > 0;
  const result = await (isOfFiles
    ? reportOfFiles({ calls, cpu, pattern, zone, cores }, from, to)
    : ofTheFleet(options));
  show(result, options);
  return result.counters ? exitCodes.ok : exitCodes.unhealthy;
}

function ofTheFleet({ hours, ...range }: ReportOptions): Promise<UsageReport> {
  const now = Date.now();
  const to = Math.min(now, range.to ?? now);
  // The hour that is running counts as one.
  const from = range.from ?? to - 1 - (hours - 1) * HOUR_MS;
  if (from >= to) throw noTime();
  return readReport(readSettings().settings, Math.max(from, to - LONGEST_MS), to);
}

function show(result: UsageReport, { json, csv, html, lang }: ReportOptions): void {
  const words = wordsFor(lang, process.env);
  if (json) printJson(result);
  else if (csv) print(reportCsv(result));
  else if (html) print(reportHtml(result, words));
  else print(reportText(result, barMark(), words));
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
