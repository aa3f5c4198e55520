import { reportCsv } from '../../src/cli/report/csv';
import { sparkline } from '../../src/cli/report/bars';
import { chart, niceEnd } from '../../src/charts/chart';
import { reportHtml } from '../../src/cli/report/html';
import { wordsFor } from '../../src/cli/report/language';
import { reportText } from '../../src/cli/report/text';
import type { UsageReport } from '../../src/monitor/report';
import { en } from '../../src/monitor/words/en';
import { ko } from '../../src/monitor/words/ko';
import { weekOf } from '../support/weeks';

const none = { deliveries: 0, calls: 0, connects: 0 };
const text = (report: UsageReport) => reportText(report, '#');

test('[REPORT-15] people read what costs the CPU, how many servers the peak needs, and what to type', () => {
  const report = weekOf({ peakCalls: 2_000_000 });
  const said = text(report);
  expect(said).toMatch(/CPU goes along with deliveries 0\.\d\d, calls 0\.\d\d, connects -?0\.\d\d \(over 168 hours/);
  expect(said).toMatch(/The load explains (9\d|100) % of the changes of CPU\./);
  expect(said).toMatch(/A server takes \d.* % of a core at rest, and 4\d µs a delivery, \d+ µs a call, [\d,]+ µs a connect\./);
  expect(said).toMatch(/CPU of the peak \(2026-11-\d\d \d\d:00\): deliveries \d+ %, calls \d+ %, connects \d+ %, at rest \d+ %\./);
  expect(said).toMatch(/One server is at its end near [\d.]+ M calls \/ \d+ M deliveries an hour; the peak asks for /);
  const { servers, withOneLost } = report.analysis.need!;
  expect(said).toContain(`${servers} servers carry the peak at 60 % CPU, ${withOneLost} servers survive the loss of one`);
  expect(said.trimEnd().split('\n').at(-1)).toBe(`Next: npx fleet scale ${withOneLost}`);
}); // prettier-ignore

test('[REPORT-15] they are told what is not known, too', () => {
  const firstHours = (count: number) => ({ to: weekOf().from + count * 3_600_000 });
  expect(text(weekOf({ peakCalls: 8_000_000 }))).toContain('the peak asks for at least ');
  expect(text(weekOf({ micros: none }))).toContain('there is nothing to explain');
  expect(text(weekOf({ atRest: 20 }, firstHours(5)))).toContain('Too little is known');
  const noise = weekOf({ micros: none, line: (line) => ({ ...line, cpuAverage: (line.at / 3e5) % 60 }) });
  expect(text(noise)).toContain('The load does not explain the CPU (168 hours)');
  expect(text(weekOf({ peakCalls: 12_000_000 }, { cores: 2 }))).toMatch(
    /This machine has 2 cores and the peak needs \d+, .* more servers than cores will not help/,
  );
  const enough = weekOf({ servers: 4 }, { cores: 8 });
  expect(text(enough)).toContain('Next: nothing. 4 servers are enough.');
});

test('[REPORT-15] Korean or English, by option or by locale, with columns that stay under each other', () => {
  expect(wordsFor(undefined, { LANG: 'ko_KR.UTF-8' })).toBe(ko);
  expect(wordsFor(undefined, { LC_ALL: 'C', LANG: 'ko_KR.UTF-8' })).toBe(en);
  expect(wordsFor('en', { LANG: 'ko_KR.UTF-8' })).toBe(en);
  expect(wordsFor(undefined, {})).toBe(en);
  const korean = reportText(weekOf(), '█', ko);
  expect(korean).toMatch(/^시각 .*호출 .*전달 .*무응답/m);
  expect(korean.replaceAll('npx fleet scale', '')).not.toMatch(/[a-z]{3,} [a-z]{3,} [a-z]{3,}/); // no English sentence
  expect(Object.keys(ko)).toEqual(Object.keys(en));
});

test('[REPORT-15] a sparkline has a character for each hour, the highest of several where they are many', () => {
  expect(sparkline([0, 1, null, 7], '█')).toBe('▁▂ █');
  expect(sparkline([0, 0], '#')).toBe('__');
  const long = sparkline(
    Array.from({ length: 168 }, (_, i) => (i === 100 ? 9 : 0)),
    '█',
  );
  expect(long.length).toBe(56);
  expect([...long].indexOf('█')).toBe(33);
});

test('[REPORT-16] as CSV each hour is a line, with the same names in every language', () => {
  const report = weekOf();
  const [names, ...lines] = reportCsv(report).trimEnd().split('\n');
  expect(names).toBe(
    'hour,calls,deliveries,connects,cpu_avg_%,cpu_max_%,cpu_all_servers_%,servers,busiest_server,busiest_cpu_%,delay_max_ms,missed,absent,peak',
  );
  expect(lines).toHaveLength(168);
  const [hour, calls] = lines[10]!.split(',');
  expect(hour).toMatch(/^2026-11-\d\dT\d\d:\d\d:00[+-]\d\d:\d\d$/);
  expect({ hour: Date.parse(hour!), calls: Number(calls) }).toEqual({
    hour: report.hours[10]!.hour,
    calls: report.hours[10]!.calls,
  });
  expect(reportCsv(weekOf({}, { usage: undefined })).split('\n')[1]).toMatch(/:00,,,,\d/);
});

test('[REPORT-16] as a page it needs nothing from elsewhere, and has every chart', () => {
  for (const words of [en, ko]) {
    const html = reportHtml(weekOf({ peakCalls: 3_000_000 }), words);
    expect(html).not.toMatch(/(src|href|url|@import|<script|<link)\b/);
    expect(html.replace(/xmlns="[^"]*"/g, '')).not.toContain('http');
    expect(html.match(/<svg /g)).toHaveLength(5);
    expect(html).toContain('class="fit"');
    expect(html).toContain('@media print');
    expect(html).toContain(`lang="${words.lang}"`);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  }
  const halves = [weekOf({}, { usage: undefined }), weekOf({}, { lines: [] })];
  for (const half of halves) expect(reportHtml(half, en)).not.toMatch(/NaN|undefined|Infinity/);
});

test('[REPORT-16] a chart shows what is unknown as a hole, and names as text', () => {
  const svg = chart({
    title: 'a <b>',
    labels: ['1', '2', '3'],
    series: [{ name: '"x"', values: [1, null, 3], as: 'line', colour: 'red' }],
    format: (value) => `${value}`,
  });
  expect(svg).toContain('a &lt;b&gt;');
  expect(svg.match(/<circle /g)).toHaveLength(2);
  expect(svg).toContain('2, &quot;x&quot; -');
  expect([0, 0.3, 1, 1.1, 42, 60].map(niceEnd)).toEqual([1, 0.5, 1, 2, 50, 100]);
});
