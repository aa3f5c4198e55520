import { program } from '../support/fleet';

test('[BENCH-4] ours beside plain Socket.IO: what it costs, checked, without rate limits', async () => {
  const command = ['run', 'bench', '--', '--only', 'quiet', '--quick'];
  const { stdout, stderr } = await program('npm', command, {});
  expect(stdout).toContain('Rate limits are off in the servers that are measured (SENDS_PER_SECOND=0)');
  expect(stdout).toMatch(/^\| ours +\|.* 1 of 1 +\|$/m);
  expect(stdout).toMatch(/^\| S +\|.* 1 of 1 +\|$/m);
  expect(stdout).toMatch(/^\| quiet +\| servers, µs CPU a delivery +\| [\d.]+ S +\| ≤ 1\.2 S/m);
  expect(stderr).toContain('delivered'); // progress
}, 300_000);
