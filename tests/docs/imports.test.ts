import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

test('[CODE-1] every import keeps to the layout', () => {
  const root = resolve(__dirname, '../..');
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'src', 'web'];
  execFileSync(resolve(root, 'node_modules/.bin/depcruise'), args, { cwd: root, encoding: 'utf8' });
});
