import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program, projectRoot } from '../support/fleet';

const folder = mkdtempSync(join(tmpdir(), 'chat-report-'));
afterAll(() => rmSync(folder, { recursive: true }));
const varDir = join(folder, 'var');

const run = (args: string[], env: Record<string, string> = {}) =>
  program(process.execPath, [join(projectRoot, 'dist/cli/main.js'), 'report', ...args], { VAR_DIR: varDir, TZ: 'UTC', ...env }); // prettier-ignore

const hours = Array.from({ length: 24 }, (_, hour) => ({
  time: `2026-11-16 ${String(hour).padStart(2, '0')}:00`,
  calls: 1_000 * (1 + ((hour * 7) % 20)),
}));
const calls = join(folder, 'calls.csv');
const cpu = join(folder, 'cpu.csv');
writeFileSync(calls, hours.map((each) => `${each.time},${each.calls}\n`).join(''));
writeFileSync(cpu, hours.map((each) => `${each.time},${2 + each.calls / 250}\n`).join(''));

test('[REPORT-17] the command reads files where no fleet was ever started, and leaves nothing behind', async () => {
  const files = ['--calls', calls, '--cpu', cpu];
  const english = await run(files);
  expect(english).toMatchObject({ code: 0, stderr: '' });
  expect(english.stdout).toContain('Next: SERVERS=3 npm start');
  const zone = await run([...files, '--time-zone', 'Asia/Seoul', '--lang', 'ko']);
  expect(zone.stdout).toMatch(/^2026-11-15 15:00 ~ .*, UTC\n/);
  expect(zone.stdout).toContain('다음: SERVERS=3 npm start');
  expect((await run([...files, '--html'])).stdout).toMatch(/^<!doctype html>/);
  expect((await run([...files, '--csv'])).stdout.split('\n')[1]).toBe(
    '2026-11-16T00:00:00+00:00,1000,,,6,6,6,1,server,6,,0,0,0',
  );
  const json = JSON.parse((await run([...files, '--json'])).stdout) as object;
  expect(json).toMatchObject({ schema: 'fleet.report/1', analysis: { verdict: 'explained', hours: 24 } });
  expect((await run(['--cpu', cpu])).code).toBe(3);
  expect(readdirSync(folder).sort()).toEqual(['calls.csv', 'cpu.csv']);
});

test('[REPORT-18] the command says what is wrong with a file, and with what was typed', async () => {
  const missing = await run(['--calls', join(folder, 'no.csv')]);
  expect(missing).toMatchObject({ code: 2, stdout: '' });
  expect(missing.stderr).toMatch(/no\.csv: ENOENT.*\nNothing was changed\.\nNext: name a file/);
  for (const wrong of [
    ['--pattern', '('],
    ['--lang', 'fr'],
    ['--json', '--html'],
    ['--cores', '0'],
  ])
    expect((await run(['--calls', calls, ...wrong])).code).toBe(2);
});
