import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

test('[CLUSTER-12] docs/SCALING.md shows what its command prints', () => {
  const printed = execFileSync('node', ['scripts/scaling.mjs'], { cwd: root, encoding: 'utf8' });
  expect(printed).toContain('| 1,000,000 |');
  expect(readFileSync(join(root, 'docs/SCALING.md'), 'utf8')).toContain(printed);
});
