import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const spec = readFileSync(join(root, 'docs/SPEC.md'), 'utf8');

/** The ids of all promises, in their order: `- **SEND-3** A repeat ...` */
const promised = [...spec.matchAll(/^- \*\*([A-Z]+-\d+)\*\* \S/gm)].map(([, id]) => id!);

/** The ids at the start of each test title: `'[SEND-3] ...'`, or several: `'[SEND-3] [RUN-1] ...'` */
const proved = new Map<string, string>();
for (const file of readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.test.ts')) continue;
  const source = readFileSync(join(root, 'tests', file), 'utf8');
  for (const [start] of source.matchAll(/['"`](\[[A-Z]+-\d+\] )+/g))
    for (const [, id] of start.matchAll(/\[([A-Z]+-\d+)\]/g)) proved.set(id!, file);
}

test('[CODE-20] every promise has a test', () => {
  expect(promised.length).toBeGreaterThan(0);
  expect(promised.filter((id) => !proved.has(id))).toEqual([]);
});

test('[CODE-20] every id in a test title is a promise', () => {
  const unknown = [...proved].filter(([id]) => !promised.includes(id));
  expect(unknown.map(([id, file]) => `${id} in ${file}`)).toEqual([]);
});

test('[CODE-20] no id is given twice', () => {
  expect(promised.filter((id, i) => promised.indexOf(id) !== i)).toEqual([]);
});
