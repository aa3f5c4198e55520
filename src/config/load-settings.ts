import { settingsTable, type Setting, type SettingName, type Settings, type Source } from './settings';

const names = Object.keys(settingsTable) as SettingName[];

/** Lines of NAME=value; empty lines and lines starting with # are skipped. Unknown names are errors. */
export function parseEnvFile(text: string): Record<string, string> {
  const known = new Set(names.map((name) => settingsTable[name].env));
  const values: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, value] = /^\s*([A-Z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new SettingsError(`fleet.env line ${index + 1}: expected NAME=value`);
    if (!known.has(name)) throw new SettingsError(`fleet.env line ${index + 1}: there is no setting ${name}`);
    values[name] = value;
  }
  return values;
}

/** A setting is wrong; the message names it, its source and what is expected. */
export class SettingsError extends Error {}

export interface LoadedSettings {
  settings: Settings;
  sources: Record<SettingName, Source>;
}

/** Pure: the settings from an environment and the text of `fleet.env`. Throws SettingsError. */
export function loadSettings(env: Record<string, string | undefined>, fileText = ''): LoadedSettings {
  const file = parseEnvFile(fileText);
  const settings: Partial<Settings> = {};
  const sources: Partial<Record<SettingName, Source>> = {};
  for (const name of names) load(name, env, file, settings, sources);
  if ((settings.tlsCert === '') !== (settings.tlsKey === ''))
    throw new SettingsError('TLS_CERT and TLS_KEY: one is set, the other is not; https needs both');
  return { settings: settings as Settings, sources: sources as Record<SettingName, Source> };
}

function load<K extends SettingName>(
  name: K,
  env: Record<string, string | undefined>,
  file: Record<string, string>,
  settings: Partial<Settings>,
  sources: Partial<Record<SettingName, Source>>,
): void {
  const setting: Setting<Settings[K]> = settingsTable[name];
  const source: Source =
    env[setting.env] !== undefined ? 'environment' : setting.env in file ? 'fleet.env' : 'default';
  sources[name] = source;
  if (source === 'default') {
    settings[name] =
      typeof setting.default === 'function'
        ? (setting.default as (others: Partial<Settings>) => Settings[K])(settings)
        : setting.default;
    return;
  }
  const text = (source === 'environment' ? env[setting.env] : file[setting.env]) ?? '';
  try {
    settings[name] = setting.parse(text);
  } catch (error) {
    const shown = setting.secret ? '...' : text;
    throw new SettingsError(`${setting.env}=${shown} (from ${source}): expected ${(error as Error).message}`);
  }
}
