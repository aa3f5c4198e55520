import { useEffect } from 'react';
import { commandOf, type Command } from './commands';

/** Listens while no dialog is open; what a part of the page has used itself is left alone. */
export function useShortcuts(active: boolean, obey: (command: Command) => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const command =
        event.defaultPrevented || !active ? undefined : commandOf(event, isWriting(event.target));
      if (!command) return;
      event.preventDefault();
      obey(command);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  });
}

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.value !== '');
