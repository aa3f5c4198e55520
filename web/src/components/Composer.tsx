import { useState, type KeyboardEvent, type RefObject } from 'react';
import type { Room, ShownMessage } from '../../../src/client';
import { MAX_TEXT } from '../../../src/protocol/limits';
import { codePoints } from '../../../src/protocol/names';
import { meansSend } from '../enter';
import { useWords } from '../chosen';
import { SendIcon } from './Icons';
import { ReplyBar } from './ReplyBar';

/** From this length on one sees how much is left. */
const COUNT_FROM = MAX_TEXT - 400;

interface Props {
  room: Room;
  label: string;
  drafts: Map<string, string>;
  field: RefObject<HTMLTextAreaElement | null>;
  /** What the next message answers. */
  replyTo: ShownMessage | undefined;
  endReply: () => void;
}

/** The text lives in the field, not in a state: setting a field's value while a syllable is composed breaks it. */
export function Composer({ room, label, drafts, field, replyTo, endReply }: Props) {
  const words = useWords();
  const [length, setLength] = useState(() => codePoints(drafts.get(room.name) ?? ''));

  const written = (): void => {
    const text = field.current!.value;
    drafts.set(room.name, text);
    setLength(codePoints(text));
    room.typing(text.trim() !== '');
  };
  const send = (): void => {
    const text = field.current!.value;
    if (text.trim() === '' || codePoints(text) > MAX_TEXT) return;
    room.send(text, replyTo && { from: replyTo.from.id, id: replyTo.id });
    endReply();
    field.current!.value = '';
    written();
    field.current!.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { key, shiftKey, keyCode } = event;
    if (key === 'Escape' && !event.nativeEvent.isComposing) endReply();
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
      {replyTo && <ReplyBar room={room} replyTo={replyTo} end={endReply} />}
      <div className="box">
        <textarea
          ref={field}
          rows={1}
          aria-label={words.composer(label)}
          placeholder={words.composer(label)}
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
      </div>
    </form>
  );
}
