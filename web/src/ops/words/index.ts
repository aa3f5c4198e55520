import { usePreferences } from '../../chosen';
import type { Language } from '../../words';
import { en, type Words } from './en';
import { ko } from './ko';

export type { Words } from './en';

const wordsIn: Record<Language, Words> = { en, ko };

/** All that the page says, in the language that was chosen. */
export const useOpsWords = (): Words => wordsIn[usePreferences().language];
