import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onCleanup } from '../support/cleanup';

const run = promisify(execFile);
const root = join(__dirname, '..', '..');
export const programOf = (name: string, file: string): string => join(root, 'node_modules', name, file);
const production = { ...process.env, NODE_ENV: 'production' };

/** Builds the package for applications into this folder, as `npm run build:package` does. */
export function buildPackage(to: string): void {
  const vite = ['build', '--config', 'vite.package.mjs', '--outDir', to];
  execFileSync(process.execPath, [programOf('vite', 'bin/vite.js'), ...vite], {
    cwd: root,
    stdio: 'pipe',
    env: production,
  });
}

export function buildTypes(to: string): void {
  const tsc = ['-p', 'tsconfig.package.json', '--noCheck', '--outDir', join(to, 'types')];
  execFileSync(process.execPath, [programOf('typescript', 'bin/tsc'), ...tsc], { cwd: root, stdio: 'pipe' });
}

/** A folder of somebody else's application, with these modules of ours beside what it installs. */
export function emptyProduct(modules: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'chat-product-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{ "name": "product", "private": true, "type": "module" }');
  for (const name of modules) {
    const at = join(folder, 'node_modules', name);
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), at);
  }
  return folder;
}

/** Builds the product by its own vite.config.js, into the folder `out`. */
export async function bundle(folder: string, ...more: string[]): Promise<void> {
  await run(process.execPath, [programOf('vite', 'bin/vite.js'), 'build', ...more, '--outDir', 'out'], {
    cwd: folder,
    env: production,
  });
}
