import { settingsTable, settingText, type SettingName, type Settings } from '../config/settings';
import { sharedSecrets, type SharedSecrets } from '../config/secrets';
import type { Shared } from './registry';

/** Names of the settings that are equal on all hosts of a fleet. */
export const sharedNames = (Object.keys(settingsTable) as SettingName[]).filter(
  (name) => settingsTable[name].local === undefined,
);

/** Pure: what this fleet tells machines that join it. */
export function sharedOf(settings: Settings, secrets: SharedSecrets): Shared {
  const texts = sharedNames.map((name) => [settingsTable[name].env, settingText(settings[name])]);
  return { ...sharedSecrets(secrets), settings: Object.fromEntries(texts) as Record<string, string> };
}
