import { useEffect, useRef, type RefObject } from 'react';
import type { KeyPress } from './enter';
import { onEnter } from './enter-field';

/** `onEnter` for a field that React draws. */
export function useEnter(
  field: RefObject<HTMLInputElement | HTMLTextAreaElement | null>,
  act: () => void,
  means: (press: KeyPress) => boolean = ({ shiftKey }) => !shiftKey,
): void {
  const latest = useRef({ act, means });
  useEffect(() => {
    latest.current = { act, means };
  });
  useEffect(
    () =>
      onEnter(
        field.current!,
        () => latest.current.act(),
        (press) => latest.current.means(press),
      ),
    [field],
  );
}
