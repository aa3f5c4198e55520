import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../config/load';
import { readText } from '../../fleet/text-file';
import { machineInWords } from './machine';
import { plotsOf, withResults } from './report';
import type { Line } from './results';

const document = join(projectRoot, 'docs', 'BENCHMARKS.md');
const folder = join(projectRoot, 'docs', 'benchmarks');
const results = join(folder, 'results.jsonl');

/** Puts new results in place of the older ones of the same shapes, and makes document and plots anew. */
export function writeDocs(fresh: Line[]): void {
  const measured = new Set(fresh.map(({ shape }) => shape));
  const kept = (readText(results) ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  const lines = [...kept.filter(({ shape }) => !measured.has(shape)), ...fresh];
  mkdirSync(folder, { recursive: true });
  writeFileSync(results, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(document, withResults(readFileSync(document, 'utf8'), lines, machineInWords()));
  for (const [name, svg] of Object.entries(plotsOf(lines))) writeFileSync(join(folder, `${name}.svg`), svg);
}
