import { Changes } from '../../src/client/changes';
import type { Memory } from './saved';
import { languages, type Language } from './words';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** What somebody chose for this browser, whoever he is by name. */
export interface Preferences {
  language: Language;
  theme: Theme;
  /** Enter sends, and Shift+Enter begins a new line; otherwise Ctrl+Enter sends. */
  enterSends: boolean;
}

/** `theme.js` reads the same key before the page is drawn. */
export const KEY = 'chatfleet:preferences';

/** The preferences, kept in the browser and in step with its other tabs. */
export class PreferenceStore {
  readonly #changes = new Changes();
  #value: Preferences;

  readonly onChange = this.#changes.on;

  constructor(
    private readonly memory: Memory,
    private readonly defaults: Preferences,
  ) {
    this.#value = this.#read();
  }

  /** The same object until something changes. */
  readonly value = (): Preferences => this.#value;

  set(change: Partial<Preferences>): void {
    this.#value = { ...this.#value, ...change };
    try {
      this.memory.setItem(KEY, JSON.stringify(this.#value));
    } catch {
      // Chosen for this visit, then.
    }
    this.#changes.tell();
  }

  /** Another tab may have changed them. */
  readAgain(): void {
    this.#value = this.#read();
    this.#changes.tell();
  }

  #read(): Preferences {
    try {
      return known(JSON.parse(this.memory.getItem(KEY) ?? '{}') as Record<string, unknown>, this.defaults);
    } catch {
      return this.defaults;
    }
  }
}

/** Anything that was not chosen here counts as not chosen. */
function known(saved: Record<string, unknown>, defaults: Preferences): Preferences {
  return {
    language: languages.find((language) => language === saved['language']) ?? defaults.language,
    theme: themes.find((theme) => theme === saved['theme']) ?? defaults.theme,
    enterSends: typeof saved['enterSends'] === 'boolean' ? saved['enterSends'] : defaults.enterSends,
  };
}
