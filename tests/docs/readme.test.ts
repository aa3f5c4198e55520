import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsOf } from '../support/readme';

const root = join(__dirname, '../..');

/** Where each command of the README is executed; `npx fleet ...` is by tests/fleet/fresh.test.ts, whatever it is. */
const executedBy: Record<string, string> = {
  'npm start': 'tests/fleet/fresh.test.ts',
  'npm stop': 'tests/fleet/fresh.test.ts',
  'npm test': '.ci/run',
  'npm run load:story': 'tests/long/load.test.ts',
  'npm run load:spread': 'tests/long/load.test.ts',
  'npm run bench': 'tests/long/bench.test.ts',
};

test('[DOCS-1] both READMEs tell the same commands', () => {
  expect(commandsOf('README.ko.md')).toEqual(commandsOf('README.md'));
});

test('[DOCS-1] every command of the README is executed by a test', () => {
  const others = commandsOf('README.md').filter((command) => !command.startsWith('npx fleet '));
  expect(others.sort()).toEqual(Object.keys(executedBy).sort());
  for (const [command, file] of Object.entries(executedBy)) {
    const [, ...words] = command.split(' ');
    const source = readFileSync(join(root, file), 'utf8');
    expect([command, words.every((word) => source.includes(word))]).toEqual([command, true]);
  }
});

test('[DOCS-1] every command of EMBEDDING.md is executed by a test, as a block', () => {
  expect(commandsOf('docs/EMBEDDING.md').length).toBeGreaterThan(0);
  expect(readFileSync(join(root, 'tests/long/embed-install.test.ts'), 'utf8')).toContain("examples('sh'");
});

test('[DOCS-2] every file that the documents name exists', () => {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  const missing = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const links = [...text.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, to]) => join(root, file, '..', to!));
    const paths = [...text.matchAll(/`((?:src|tests|docs|scripts|nginx|web)\/[\w./-]+)`/g)].map(([, to]) =>
      join(root, to!),
    );
    return [...links, ...paths].filter((to) => !existsSync(to)).map((to) => `${file}: ${to}`);
  });
  expect(missing).toEqual([]);
});
