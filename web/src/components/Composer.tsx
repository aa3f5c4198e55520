import { useState, type KeyboardEvent, type RefObject } from 'react';
import type { Room, ShownMessage } from '../../../src/client';
import { MAX_TEXT } from '../../../src/protocol/limits';
import { codePoints } from '../../../src/protocol/names';
import { usePreferences, useWords } from '../chosen';
import type { Drafts } from '../drafts';
import { meansSend } from '../enter';
import { useEnter } from '../use-enter';
import { useMentionList } from '../use-mentions';
import { SendIcon } from './Icons';
import { MentionList } from './MentionList';
import { ReplyBar } from './ReplyBar';

/** From this length on one sees how much is left. */
const COUNT_FROM = MAX_TEXT - 400;

interface Props {
  room: Room;
  label: string;
  drafts: Drafts;
  field: RefObject<HTMLTextAreaElement | null>;
  /** Who can be mentioned. */
  names: readonly string[];
  /** What the next message answers. */
  replyTo: ShownMessage | undefined;
  endReply: () => void;
  editLast: () => boolean;
}

/** The text lives in the field, not in a state: setting a field's value while a syllable is composed breaks it. */
export function Composer({ room, label, drafts, field, names, replyTo, endReply, editLast }: Props) {
  const words = useWords();
  const { enterSends } = usePreferences();
  const [begun] = useState(() => drafts.get(room.name));
  const [length, setLength] = useState(() => codePoints(begun));

  const written = (): void => {
    const text = field.current!.value;
    drafts.set(room.name, text);
    setLength(codePoints(text));
    room.typing(text.trim() !== '');
    mentions.look();
  };
  const mentions = useMentionList(field, names, written);
  const send = (): void => {
    const text = field.current!.value;
    if (text.trim() === '' || codePoints(text) > MAX_TEXT) return;
    room.send(text, replyTo && { from: replyTo.from.id, id: replyTo.id });
    endReply();
    field.current!.value = '';
    written();
    field.current!.focus();
  };
  useEnter(
    field,
    () => (mentions.open ? mentions.choose() : send()),
    (press) => (mentions.open ? !press.shiftKey : meansSend(press, enterSends)),
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const { key } = event;
    const used =
      mentions.obey(key) ||
      (key === 'Escape' && replyTo !== undefined && (endReply(), true)) ||
      (key === 'ArrowUp' && !event.altKey && field.current!.value === '' && editLast());
    if (used) event.preventDefault();
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
      <MentionList {...mentions} />
      <div className="box">
        <textarea
          ref={field}
          rows={1}
          aria-label={words.composer(label)}
          placeholder={words.composer(label)}
          defaultValue={begun}
          onInput={written}
          onSelect={mentions.look}
          onBlur={mentions.close}
          onKeyDown={onKeyDown}
          aria-controls={mentions.open ? mentions.id : undefined}
          aria-activedescendant={mentions.open ? `${mentions.id}-${mentions.at}` : undefined}
          autoFocus={matchMedia('(pointer: fine)').matches}
          enterKeyHint={enterSends ? 'send' : 'enter'}
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
