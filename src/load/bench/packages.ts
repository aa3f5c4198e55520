import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../config/load';

/** Packages of peers that nothing but the benchmark needs, with the versions that were compared. */
const packages = {
  '@trufflesuite/uws-js-unofficial': '20.30.0-unofficial.0',
  '@socket.io/sticky': '2.0.1',
  '@socket.io/cluster-adapter': '0.3.0',
};

/** Where they are. */
export const packagesFolder = join(projectRoot, 'var', 'bench');

/** Installs them once. Throws an Error with what npm said. */
export function installPackages(say: (line: string) => void): void {
  const missing = Object.keys(packages).filter(
    (name) => !existsSync(join(packagesFolder, 'node_modules', name)),
  );
  if (missing.length === 0) return;
  say(`installing the servers to compare with into var/bench: ${missing.join(', ')}`);
  mkdirSync(packagesFolder, { recursive: true });
  const description = { private: true, dependencies: packages };
  writeFileSync(join(packagesFolder, 'package.json'), JSON.stringify(description, null, 2));
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=optional'];
  const { status, stderr, error } = spawnSync('npm', args, { cwd: packagesFolder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm could not install them: ${error?.message ?? stderr}`);
}
