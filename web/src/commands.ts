/** What a key asks of the page, wherever the focus is. */
export type Command = 'help' | 'switch' | 'search' | 'next' | 'previous' | 'out';

/** The part of a key event that this needs. */
interface Press {
  key: string;
  /** The place of the key. */
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
}

/** By the place of a key where it is a letter: with a Korean keyboard, K types ㅏ. */
export function commandOf(press: Press, writing: boolean): Command | undefined {
  const { key, code, ctrlKey, metaKey, altKey, shiftKey, isComposing } = press;
  if (isComposing) return undefined;
  if ((ctrlKey || metaKey) && !altKey && code === 'KeyK') return 'switch';
  if ((ctrlKey || metaKey) && shiftKey && code === 'KeyF') return 'search';
  if (altKey && !ctrlKey && !metaKey && key === 'ArrowDown') return 'next';
  if (altKey && !ctrlKey && !metaKey && key === 'ArrowUp') return 'previous';
  if (ctrlKey || metaKey || altKey) return undefined;
  if (key === '/' && !writing) return 'search';
  if (key === 'Escape') return 'out';
  return key === '?' && !writing ? 'help' : undefined;
}
