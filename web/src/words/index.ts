import { en, type Words } from './en';
import { ko } from './ko';

export type { Words } from './en';

export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

export const wordsIn: Record<Language, Words> = { en, ko };

/** The first language of the list that the page speaks; English if there is none. */
export function spoken(wanted: readonly string[]): Language {
  const known = wanted.map((tag) =>
    languages.find((language) => tag.toLowerCase().split('-')[0] === language),
  );
  return known.find((language) => language !== undefined) ?? 'en';
}
