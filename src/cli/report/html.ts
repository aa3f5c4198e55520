import { isKnown } from '../../monitor/peaks';
import { loadPercent } from '../../monitor/model/cost';
import type { HourRow, UsageReport } from '../../monitor/report';
import type { Words } from '../../monitor/words/en';
import { delay, grouped, percent } from '../../monitor/words/figures';
import { labelOf, spanOf } from '../../monitor/words/labels';
import { remarkLines } from '../../monitor/words/remarks';
import { verdictLines } from '../../monitor/words/verdict';
import { chart, escaped, scatter, type Series } from '../../charts/chart';
import { hourTable } from './text';

const style = `
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; max-width: 960px; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em; margin: 0 } h2 { font-size: 1.15em; margin: 1.6em 0 .4em } p { margin: .2em 0 }
svg { width: 100%; height: auto; margin: .5em 0; break-inside: avoid } svg text { font-size: 11px; fill: #56606e }
svg .title { font-size: 13px; fill: #1c2430; font-weight: 600 } .level { stroke: #dde2e8 } .marked { fill: #fde9c8 }
.tip { fill: transparent } .tip:hover { fill: #0001 } .line { fill: none; stroke-width: 1.6 }
circle { fill: #2f6f9f; fill-opacity: .55 } .fit { fill: none; stroke: #c0392b; stroke-width: 2; stroke-dasharray: 6 4 }
table { border-collapse: collapse; font-size: 12.5px; width: 100% } td, th { padding: 1px 6px; text-align: right; border-bottom: 1px solid #eceff3 }
tr.peak { background: #fde9c8 } thead { display: table-header-group } tr { break-inside: avoid }
@media print { body { margin: 0; max-width: none; -webkit-print-color-adjust: exact; print-color-adjust: exact } @page { margin: 14mm } }
`;

/** Pure but for the time zone: the report as one page that needs nothing else, to keep, to send and to print. */
export function reportHtml(report: UsageReport, words: Words): string {
  const hours = report.hours.slice(Math.max(0, report.hours.findIndex(isKnown)));
  const label = labelOf(hours);
  const paragraphs = (lines: string[]): string => lines.map((line) => `<p>${escaped(line)}</p>`).join('\n');
  const span = spanOf(hours, report.to, words);
  return `<!doctype html>
<html lang="${words.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(`${words.title} ${span}`)}</title><style>${style}</style></head><body>
<h1>${escaped(words.title)}</h1><p>${escaped(span)}</p>
<h2>${escaped(words.conclusion)}</h2>
${paragraphs(verdictLines(report.analysis, words, label))}
${paragraphs(remarkLines(report, words, label))}
${charts(report, hours, words).join('\n')}
<h2>${escaped(words.hourByHour)}</h2>
${tableOf(hours, report, words)}
</body></html>
`;
}

function charts(report: UsageReport, hours: HourRow[], words: Words): string[] {
  const labels = hours.map(({ hour }) => labelOf(hours)(hour));
  const marks = [{ at: new Set(hours.flatMap(({ peak }, i) => (peak ? [i] : []))), name: words.peak }];
  const bars = (title: string, values: (number | null)[], format: (value: number) => string): string[] => {
    const series: Series = { name: title, values, as: 'bars', colour: '#2f6f9f' };
    return values.some((value) => value !== null) ? [chart({ title, labels, marks, series: [series], format })] : []; // prettier-ignore
  };
  const level = (name: string, of: 'average' | 'maximum', colour: string): Series => ({
    name,
    values: hours.map(({ cpu }) => cpu?.[of] ?? null),
    as: 'line',
    colour,
  });
  const cpu = [level(words.maximum, 'maximum', '#e0a458'), level(words.average, 'average', '#c0392b')];
  return [
    ...bars(words.load.calls, hours.map(({ calls }) => calls), grouped),
    ...bars(words.load.deliveries, hours.map(({ deliveries }) => deliveries), grouped),
    ...(report.record
      ? [chart({ title: words.cpuOfHours, labels, marks, series: cpu, format: percent, atLeast: 100 })]
      : []),
    ...bars(words.loopDelay, hours.map(({ loopDelayMaxMs }) => loopDelayMaxMs), delay),
    ...cpuByLoad(report, hours, words),
  ]; // prettier-ignore
}

/** CPU of a server beside its load, with what the model says of it; other loads are taken in their usual proportion. */
function cpuByLoad({ analysis }: UsageReport, hours: HourRow[], words: Words): string[] {
  const load = hours.some(({ deliveries }) => deliveries !== null) ? 'deliveries' : 'calls';
  const known = hours.filter((row) => row.cpu !== null && row[load] !== null);
  if (known.length < 2) return [];
  const points = known.map((row): [number, number] => [row[load]! / row.cpu!.servers, row.cpu!.average]);
  const { cost } = analysis;
  const all = known.reduce((sum, row) => sum + row[load]!, 0);
  const rest = (key: 'calls' | 'deliveries' | 'connects'): number =>
    known.reduce((sum, row) => sum + (row[key] ?? 0), 0) / all / 3_600;
  const perUnit = { calls: rest('calls'), deliveries: rest('deliveries'), connects: rest('connects') };
  const fit = (value: number): number => {
    const rates = { calls: perUnit.calls * value, deliveries: perUnit.deliveries * value, connects: perUnit.connects * value }; // prettier-ignore
    return Math.min(cost!.knee ?? Infinity, cost!.atRest + loadPercent(cost!, rates));
  };
  return [scatter(words.cpuByLoad, points, cost && all > 0 ? fit : null)];
}

function tableOf(hours: HourRow[], report: UsageReport, words: Words): string {
  const [head, ...rows] = hourTable(hours, report.to, '', words);
  const cells = (row: string[], tag: 'td' | 'th'): string =>
    row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('');
  const body = rows.map((row, i) => `<tr${hours[i]?.peak ? ' class="peak"' : ''}>${cells(row, 'td')}</tr>`);
  return `<table><thead><tr>${cells(head!, 'th')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}
