import { Option } from 'commander';
import type { Words } from '../../monitor/words/en';
import { languages, wordsIn, type Language } from '../../monitor/words/languages';

export type { Language };

/** The same for every command that speaks both. */
export function languageOption(): Option {
  return new Option('--lang <language>', 'of what people read (default: as LANG says)').choices(languages);
}

type Environment = Record<string, string | undefined>;

const localeOf = ({ LC_ALL, LC_MESSAGES, LANG }: Environment): string => LC_ALL || LC_MESSAGES || LANG || '';

/** Pure: what was asked for, or what the locale says; English for all others. */
export function wordsFor(asked: Language | undefined, environment: Environment): Words {
  return wordsIn[asked ?? (/^ko/i.test(localeOf(environment)) ? 'ko' : 'en')];
}
