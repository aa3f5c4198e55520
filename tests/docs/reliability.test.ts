import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultKinds } from '../../src/load/chaos/kinds';

const root = join(__dirname, '../..');
const manual = readFileSync(join(root, 'docs/RELIABILITY.md'), 'utf8');
const [, section = ''] = manual.split('## Each fault');

/** The last cell of each row: `npm run chaos -- --only ...` and test files, each with the promises that it proves. */
const proofs = [...section.matchAll(/^\| (?!#|Injected|-)(?:.* )?\| ([^|]+) \|$/gm)].map(([, cell]) => cell!);

test('[DOCS-3] every fault of the list has a test or a command', () => {
  const numbers = [...section.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i);
  expect(numbers).toEqual([...range(1, 17), ...range(19, 27), ...range(32, 37), 48]);
  expect(proofs.length).toBeGreaterThan(numbers.length);
  for (const proof of proofs) expect(proof).toMatch(/`npm run chaos|`tests\//);
});

test('[DOCS-3] every named test file has tests of the promises that it is named with', () => {
  for (const proof of proofs)
    for (const [, file, names] of proof.matchAll(/`(tests\/[^`]+)`((?: [A-Z]+-\d+)*)/g)) {
      const ids = names!.trim().split(' ');
      const source = readFileSync(join(root, file!), 'utf8');
      expect([file, ids.filter((id) => !source.includes(`[${id}]`))]).toEqual([file, []]);
    }
});

test('[DOCS-3] every named kind of chaos exists', () => {
  const named = [...manual.matchAll(/--only ([\w,-]+)/g)].flatMap(([, kinds]) => kinds!.split(','));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((kind) => !(faultKinds as string[]).includes(kind))).toEqual([]);
});
