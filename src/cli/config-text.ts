import {
  settingsTable,
  type LoadedSettings,
  type SettingName,
  type Settings,
  type Source,
} from '../config/settings';

export interface ShownSetting {
  name: string;
  value: string;
  source: Source;
  about: string;
}

/** Pure: every setting as it may be shown. Passwords never are. */
export function shownSettings({ settings, sources }: LoadedSettings): ShownSetting[] {
  return (Object.keys(settingsTable) as SettingName[]).map((name) => ({
    name: settingsTable[name].env,
    value: shownValue(settings, name),
    source: sources[name],
    about: settingsTable[name].about,
  }));
}

/** Pure: the settings as people read them. */
export function configText(shown: ShownSetting[]): string {
  const width = (of: (setting: ShownSetting) => string): number =>
    Math.max(...shown.map((s) => of(s).length));
  const [names, values] = [width(({ name }) => name), width(({ value }) => value)];
  return shown
    .map(({ name, value, source, about }) => {
      return `${name.padEnd(names)}  ${value.padEnd(values)}  ${source.padEnd(11)}  ${about}\n`;
    })
    .join('');
}

function shownValue(settings: Settings, name: SettingName): string {
  if (name === 'redisUrl') return withoutPassword(settings.redisUrl);
  if (name === 'jwtSecret' && settings.jwtSecret !== '') return '(not shown)';
  return text(settings[name]);
}

function text(value: string | number | boolean | string[]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(',') : `${value}`;
}

function withoutPassword(url: string): string {
  if (url === '') return '';
  if (!URL.canParse(url)) return '(not shown)';
  const parsed = new URL(url);
  if (parsed.password !== '') parsed.password = '***';
  return parsed.href;
}
