import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot, program, type Ended } from '../support/fleet';
import { onCleanup } from '../support/cleanup';

const main = join(projectRoot, 'dist', 'load', 'chaos', 'main.js');

/** With a folder for its files of its own, to see what is left of them. */
function chaos(args: string[], signal?: AbortSignal): { ended: Promise<Ended>; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'chat-test-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  return { ended: program(process.execPath, [main, ...args], { TMPDIR: folder }, signal), folder };
}

test('[CHAOS-1] a minute of faults under load breaks no promise', async () => {
  const seconds = process.env.CHAOS_SECONDS ?? '60';
  const args = ['--json', '--seconds', seconds, '--clients', '60', '--servers', '3'];
  const { ended, folder } = chaos(args);
  const { code, stdout, stderr } = await ended;
  expect(stderr).toMatch(/^seed \d+\n/);
  const result = JSON.parse(stdout) as { faults: number; stuck: number; checked: { examples: string[] } };
  expect({ said: stderr, examples: result.checked.examples, stuck: result.stuck }).toEqual({
    ...{ said: stderr, examples: [], stuck: 0 },
  });
  expect(result.faults).toBeGreaterThan(1);
  expect(code).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
}, 400_000);

test('[CHAOS-7] stopped, it ends its fleet and leaves nothing behind', async () => {
  const stop = new AbortController();
  const { ended, folder } = chaos(
    ['--clients', '20', '--servers', '2', '--only', 'redis-freeze'],
    stop.signal,
  );
  const timer = setTimeout(() => stop.abort(), 15_000); // somewhere in the middle
  const { code, stdout } = await ended;
  clearTimeout(timer);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(readdirSync(folder)).toEqual([]);
}, 120_000);

test('[CHAOS-7] wrong usage is said, and starts nothing', async () => {
  const wrong = [['--seconds', '0'], ['--clients', 'many'], ['--only', 'server-kill,nothing'], ['--what']];
  for (const args of wrong) {
    const { code, stderr } = await chaos(args).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('usage: npm run chaos');
  }
});
