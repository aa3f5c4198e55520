import { en, type Words } from './en';
import { ko } from './ko';

export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];
export const wordsIn: Record<Language, Words> = { en, ko };
