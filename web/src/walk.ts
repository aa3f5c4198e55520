import type { KeyboardEvent } from 'react';

/** Arrow keys, Home and End lead from message to message: the list is one stop of the Tab key. */
export function walk(event: KeyboardEvent<HTMLElement>): void {
  const { target, currentTarget: list, altKey, ctrlKey, metaKey } = event;
  if (!(target instanceof HTMLElement) || altKey || ctrlKey || metaKey) return;
  if (target !== list && !target.matches(MESSAGE)) return;
  const messages = [...list.querySelectorAll<HTMLElement>(MESSAGE)];
  const next = messages[placeAfter(event.key, messages.indexOf(target), messages.length)];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest' });
}

const MESSAGE = '.said';

/** From the list itself (-1) one comes to its last message. */
function placeAfter(key: string, place: number, count: number): number {
  if (key === 'ArrowUp') return place === -1 ? count - 1 : Math.max(0, place - 1);
  if (key === 'ArrowDown') return place === -1 ? count - 1 : Math.min(count - 1, place + 1);
  if (key === 'Home' && place !== -1) return 0;
  return key === 'End' && place !== -1 ? count - 1 : -1;
}
