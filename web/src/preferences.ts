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
  /** Messages are told by the system while nobody looks. */
  notify: boolean;
  /** Names of rooms that neither notify nor count. */
  muted: readonly string[];
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

const isText = (value: unknown): value is string => typeof value === 'string';
const yesOrNo = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

/** Anything that was not chosen here counts as not chosen. */
function known(saved: Record<string, unknown>, defaults: Preferences): Preferences {
  return {
    language: languages.find((language) => language === saved['language']) ?? defaults.language,
    theme: themes.find((theme) => theme === saved['theme']) ?? defaults.theme,
    enterSends: yesOrNo(saved['enterSends']) ?? defaults.enterSends,
    notify: yesOrNo(saved['notify']) ?? defaults.notify,
    muted: Array.isArray(saved['muted']) ? saved['muted'].filter(isText) : defaults.muted,
  };
}
