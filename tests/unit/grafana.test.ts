import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsText } from '../../src/monitor/ops/metrics';

const file = readFileSync(join(__dirname, '../../docs/grafana/chatfleet.json'), 'utf8');
const dashboard = JSON.parse(file) as { panels: { targets: { expr: string }[] }[] };
const served = metricsText(undefined, { freezes: {}, writtenAt: undefined });

test('[OPS-3] the dashboard shows exactly the figures that are served', () => {
  const names = (text: string, pattern: RegExp) => [...new Set(text.match(pattern))].sort();
  const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
  expect(names(shown, /\bchat_\w+/g)).toEqual(names(served, /(?<=# TYPE )\S+/g));
  expect(names(file, /\bchat_\w+/g)).toEqual(names(shown, /\bchat_\w+/g)); // in annotations and names too
});

test('[OPS-3] it takes the rate of each counter, and of nothing else', () => {
  const rated = [...file.matchAll(/rate\((\w+)\[/g)].map(([, name]) => name!);
  expect(rated.filter((name) => !served.includes(`# TYPE ${name} counter`))).toEqual([]);
  const bare = [...file.matchAll(/(?<!rate\()\bchat_\w+_total\b/g)];
  expect(bare).toEqual([]);
});
