import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Room, ShownMessage, WireError } from '../../../src/client';
import { MAX_TEXT } from '../../../src/protocol/limits';
import { codePoints } from '../../../src/protocol/names';
import { usePreferences, useWords } from '../chosen';
import { meansSend } from '../enter';
import { useEnter } from '../use-enter';

interface Props {
  message: ShownMessage;
  room: Room;
  close: () => void;
}

/** The text of a message in a field, in the place of the message. What is edited elsewhere meanwhile does not touch the field. */
export function EditForm({ message: { from, id, text: latest }, room, close }: Props) {
  const words = useWords();
  const { enterSends } = usePreferences();
  const [text] = useState(latest);
  const field = useRef<HTMLTextAreaElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError>();
  useEffect(() => field.current!.setSelectionRange(text.length, text.length), [text]);

  const save = async (): Promise<void> => {
    const changed = field.current!.value;
    if (busy || changed.trim() === '' || codePoints(changed) > MAX_TEXT) return;
    if (changed === text) return close();
    setBusy(true);
    const outcome = await room.edit({ from: from.id, id }, changed);
    setBusy(false);
    setError(outcome);
    if (!outcome) close();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    close();
  };
  useEnter(
    field,
    () => void save(),
    (press) => meansSend(press, enterSends),
  );
  return (
    <form
      className="edit-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        autoFocus
        defaultValue={text}
        aria-label={words.editField}
        onKeyDown={onKeyDown}
      />
      {error && <p role="alert">{`${words.notDone} ${words.reason(error.code) ?? ''}`}</p>}
      <div className="choices">
        <button type="submit" className="choice strong" disabled={busy}>
          {words.save}
        </button>
        <button type="button" className="choice" onClick={close}>
          {words.cancel}
        </button>
      </div>
    </form>
  );
}
