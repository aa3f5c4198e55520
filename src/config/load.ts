import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadSettings, type LoadedSettings } from './load-settings';

/** The folder of the project: everything else is found from here, whatever the working directory is. */
export const projectRoot = resolve(__dirname, '..', '..');

/** Reads the process environment and `fleet.env`: the only place that does. `varDir` becomes absolute. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): LoadedSettings {
  const file = join(projectRoot, 'fleet.env');
  const loaded = loadSettings(env, existsSync(file) ? readFileSync(file, 'utf8') : '');
  loaded.settings.varDir = resolve(projectRoot, loaded.settings.varDir);
  return loaded;
}
