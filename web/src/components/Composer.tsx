import { useRef, useState, type KeyboardEvent } from 'react';
import type { Room } from '../../../src/client';
import { MAX_TEXT } from '../../../src/protocol/limits';
import { codePoints } from '../../../src/protocol/names';
import { meansSend } from '../enter';
import { words } from '../words';
import { SendIcon } from './Icons';

/** From this length on one sees how much is left. */
const COUNT_FROM = MAX_TEXT - 400;

/** The text lives in the field, not in a state: setting a field's value while a syllable is composed breaks it. */
export function Composer({ room, drafts }: { room: Room; drafts: Map<string, string> }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [length, setLength] = useState(0);

  const written = (): void => {
    const text = field.current!.value;
    drafts.set(room.name, text);
    setLength(codePoints(text));
  };
  const send = (): void => {
    const text = field.current!.value;
    if (text.trim() === '' || codePoints(text) > MAX_TEXT) return;
    room.send(text);
    field.current!.value = '';
    written();
    field.current!.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key, shiftKey, keyCode } = event;
    if (!meansSend({ key, shiftKey, keyCode, isComposing: event.nativeEvent.isComposing })) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        aria-label={words.composer(room.name)}
        placeholder={words.composer(room.name)}
        defaultValue={drafts.get(room.name)}
        onInput={written}
        onKeyDown={onKeyDown}
        autoFocus={matchMedia('(pointer: fine)').matches}
        enterKeyHint="send"
      />
      {length > COUNT_FROM && (
        <output className={length > MAX_TEXT ? 'count over' : 'count'}>
          {length} / {MAX_TEXT}
        </output>
      )}
      <button type="submit" aria-label={words.send}>
        <SendIcon />
      </button>
    </form>
  );
}
