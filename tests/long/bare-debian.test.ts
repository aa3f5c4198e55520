import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

test('[FLEET-20] on a bare Debian 12 that has only Node, `npm start` installs, builds and starts all of it', () => {
  const script = resolve(__dirname, '../../scripts/bare-debian.sh');
  expect(execFileSync(script, { encoding: 'utf8' })).toContain('bare-debian: passed');
}, 1_200_000);
