import { useId, useState, type RefObject } from 'react';
import { begunAt, chosen, offered } from './mentions';

/** The list of people that opens while an `@` and the beginning of a name stand before the cursor. */
export function useMentionList(
  field: RefObject<HTMLTextAreaElement | null>,
  names: readonly string[],
  written: () => void,
) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const [place, setPlace] = useState(0);
  const found = typed === undefined ? [] : offered(names, typed);
  const open = found.length > 0;
  const at = Math.min(place, found.length - 1);

  const begun = () => {
    const { value, selectionStart, selectionEnd } = field.current!;
    return selectionStart === selectionEnd ? begunAt(value, selectionEnd) : undefined;
  };
  const close = (): void => setTyped(undefined);
  /** To be called at each change of the text or the cursor, also while a syllable is composed. */
  const look = (): void => {
    const now = begun()?.typed;
    if (now !== typed) setPlace(0);
    setTyped(now);
  };
  const choose = (name = found[at]): void => {
    const now = begun();
    if (!now || name === undefined) return close();
    const { text, cursor } = chosen(field.current!.value, now, name);
    field.current!.value = text;
    field.current!.setSelectionRange(cursor, cursor);
    written();
    close();
  };
  /** Whether the list has used this key. */
  const obey = (key: string): boolean => {
    if (!open) return false;
    if (key === 'ArrowDown' || key === 'ArrowUp')
      setPlace((at + (key === 'ArrowDown' ? 1 : -1) + found.length) % found.length);
    else if (key === 'Tab') choose();
    else if (key === 'Escape') close();
    else return false;
    return true;
  };
  return { id, open, found, at, look, choose, close, obey };
}
