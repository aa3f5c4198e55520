import { settingsTable, settingText, type SettingName, type Settings, type Source } from '../config/settings';
import { redisAddresses } from '../config/redis-addresses';
import { type LoadedSettings } from '../config/load-settings';

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
  const shown = settingText(settings[name]);
  const { secret } = settingsTable[name];
  if (secret === undefined || shown === '') return shown;
  if (secret === 'whole') return '(not shown)';
  if (secret === 'address') return withoutSecrets(shown);
  const [first = '', ...others] = redisAddresses(shown);
  return [withoutSecrets(first), ...others.map((address) => new URL(address).host)].join(',');
}

/** Neither password nor query: keys are handed over in queries too. */
function withoutSecrets(address: string): string {
  const url = new URL(address);
  if (url.password !== '') url.password = '***';
  if (url.search !== '') url.search = '?***';
  url.hash = '';
  return url.href;
}
