import { useSyncExternalStore } from 'react';
import { KEY, PreferenceStore, type Preferences } from './preferences';
import { spoken, wordsIn, type Words } from './words';

/** The preferences of this browser. */
export const preferences = new PreferenceStore(localStorage, {
  language: spoken(navigator.languages),
  theme: 'system',
  enterSends: true,
  notify: false,
  muted: [],
});

export const usePreferences = (): Preferences =>
  useSyncExternalStore(preferences.onChange, preferences.value);

/** All that the page says, in the language that was chosen. */
export const useWords = (): Words => wordsIn[usePreferences().language];

/** Keeps the document in the language and colours that were chosen, also in another tab. */
export function applyPreferences(): void {
  const apply = (): void => {
    const { language, theme } = preferences.value();
    document.documentElement.lang = language;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  };
  preferences.onChange(apply);
  addEventListener('storage', ({ key }) => {
    if (key === KEY || key === null) preferences.readAgain();
  });
  apply();
}
