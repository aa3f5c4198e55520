/** The language that a text is surely in, for screen readers and line breaks; undefined if its letters do not tell. */
export function languageOf(text: string): 'ko' | 'ja' | undefined {
  if (/[\uac00-\ud7a3\u3131-\u318e]/.test(text)) return 'ko';
  return /[\u3041-\u30ff]/.test(text) ? 'ja' : undefined;
}
