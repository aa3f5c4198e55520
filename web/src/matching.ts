import { disassemble, getChoseong } from 'es-hangul';

/**
 * Whether a name is meant by what was typed so far: a part of it in whatever case, a syllable that is not
 * finished yet (`미` and `민` for 민아), or initial consonants alone (`ㅁㅇ`). Nothing typed means every name.
 */
export function matches(name: string, typed: string): boolean {
  const [whole, part] = [fold(name), fold(typed)];
  if (whole.includes(part)) return true;
  if (INITIALS.test(part)) return getChoseong(whole).includes(part);
  return HANGUL.test(part) && disassemble(whole).includes(disassemble(part));
}

/** Consonants or vowels alone are not a name yet, but one that is being typed. */
export const unfinished = (text: string): boolean => /^[ㄱ-ㅣ]+$/.test(text.trim());

const HANGUL = /[\u3131-\u318e\uac00-\ud7a3]/;
const INITIALS = /^[ㄱ-ㅎ]+$/;

const fold = (text: string): string => text.normalize('NFC').trim().toLowerCase();
