import { useEffect, useRef, type RefObject } from 'react';
import { EnterKey, type KeyPress } from './enter';

/** Acts on Enter in this field, once, with whatever input method; see `EnterKey`. */
export function useEnter(
  field: RefObject<HTMLInputElement | HTMLTextAreaElement | null>,
  act: () => void,
  means: (press: KeyPress) => boolean = ({ shiftKey }) => !shiftKey,
): void {
  const latest = useRef({ act, means });
  useEffect(() => {
    latest.current = { act, means };
  });
  useEffect(() => {
    const element = field.current!;
    const key = new EnterKey(
      () => latest.current.act(),
      (press) => latest.current.means(press),
    );
    const listeners: [string, (event: never) => void][] = [
      ['compositionstart', () => key.compositionstart()],
      ['compositionupdate', (event: CompositionEvent) => key.compositionupdate(event)],
      ['compositionend', (event: CompositionEvent) => key.compositionend(event)],
      ['keydown', (event: KeyboardEvent) => !event.defaultPrevented && key.keydown(event)],
      ['keyup', () => key.keyup()],
      // What Enter did may have taken the focus elsewhere, and the end of the press with it.
      ['blur', () => key.keyup()],
      ['beforeinput', (event: InputEvent) => key.beforeinput(event)],
    ];
    for (const [type, listen] of listeners) element.addEventListener(type, listen as EventListener);
    return () => {
      for (const [type, listen] of listeners) element.removeEventListener(type, listen as EventListener);
    };
  }, [field]);
}
