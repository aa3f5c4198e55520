import { join } from 'node:path';
import { program, projectRoot } from '../support/fleet';

test('[BENCH-4] ours beside plain Socket.IO: what it costs, checked, without rate limits', async () => {
  const main = join(projectRoot, 'dist', 'load', 'bench', 'main.js');
  const { stdout, stderr } = await program(process.execPath, [main, '--only', 'quiet', '--quick'], {});
  expect(stdout).toContain('Rate limits are off in the servers that are measured (SENDS_PER_SECOND=0)');
  expect(stdout).toMatch(/^\| ours +\|.* 1 of 1 +\|$/m);
  expect(stdout).toMatch(/^\| S +\|.* 1 of 1 +\|$/m);
  expect(stdout).toMatch(/^\| quiet +\| servers, µs CPU a delivery +\| [\d.]+ S +\| ≤ 1\.2 S/m);
  expect(stderr).toContain('delivered'); // progress
}, 300_000);
