import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { useWords } from '../chosen';
import { CloseIcon } from './Icons';

interface Props {
  title: string;
  close: () => void;
  children: ReactNode;
}

/** The browser's own modal dialog: it keeps the focus, closes with Escape, and gives the focus back. */
export function Dialog({ title, close, children }: Props) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  // In the commit itself, so that the focus is given back before the dialog is gone.
  useLayoutEffect(() => {
    const shown = dialog.current!;
    shown.showModal();
    return () => shown.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={({ target }) => target === dialog.current && close()}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" className="quiet" aria-label={words.close} onClick={close}>
          <CloseIcon />
        </button>
      </header>
      {children}
    </dialog>
  );
}
