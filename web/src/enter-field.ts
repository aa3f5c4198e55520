import { EnterKey, type KeyPress } from './enter';

/** Acts on Enter in this field, once, with whatever input method; see `EnterKey`. The result ends it. */
export function onEnter(
  field: HTMLElement,
  act: () => void,
  means: (press: KeyPress) => boolean,
): () => void {
  const key = new EnterKey(act, means);
  const listeners: [string, (event: never) => void][] = [
    ['compositionstart', () => key.compositionstart()],
    ['compositionupdate', (event: CompositionEvent) => key.compositionupdate(event)],
    ['compositionend', (event: CompositionEvent) => key.compositionend(event)],
    ['keydown', (event: KeyboardEvent) => !event.defaultPrevented && key.keydown(event)],
    ['keyup', (event: KeyboardEvent) => key.keyup(event)],
    // What Enter did may have taken the focus elsewhere, and the end of the press with it.
    ['blur', () => key.released()],
    ['beforeinput', (event: InputEvent) => key.beforeinput(event)],
  ];
  for (const [type, listen] of listeners) field.addEventListener(type, listen as EventListener);
  return () => {
    for (const [type, listen] of listeners) field.removeEventListener(type, listen as EventListener);
  };
}
