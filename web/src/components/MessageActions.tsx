import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Room, ShownMessage, WireError } from '../../../src/client';
import { useWords } from '../chosen';
import { writeLink } from '../place-link';
import { EditIcon, LinkIcon, RemoveIcon, ReplyIcon, UnreadIcon } from './Icons';

const PALETTE = ['👍', '❤️', '😂', '😮', '🙏', '🎉'];

interface Props {
  message: ShownMessage;
  own: boolean;
  selfId: string;
  room: Room;
  reply: (message: ShownMessage) => void;
  markUnread: (message: ShownMessage) => void;
  edit: () => void;
  close: () => void;
  failed: (error: WireError | undefined) => void;
}

/** What one can do with a message; it closes with Escape, and after anything was chosen. */
export function MessageActions(props: Props) {
  const words = useWords();
  const { message, own, room, close, failed } = props;
  const [asking, setAsking] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const ref = { from: message.from.id, id: message.id };
  useEffect(() => {
    menu.current!.scrollIntoView({ block: 'nearest' });
    menu.current!.querySelector('button')!.focus();
  }, [asking]);
  const remove = (): void => {
    void room.remove(ref).then(failed);
    close();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') close();
    // A key that is held down chose something already; what has the focus since then is not meant.
    if (event.repeat && event.key === 'Enter') event.preventDefault();
  };
  return (
    <div
      className="actions"
      role="group"
      aria-label={words.actions(message.from.name)}
      ref={menu}
      onKeyDown={onKeyDown}
    >
      {asking ? (
        <>
          <span className="question">{words.reallyRemove}</span>
          <Choice choose={close}>{words.cancel}</Choice>
          <Choice danger choose={remove}>
            {words.remove}
          </Choice>
        </>
      ) : (
        <>
          <Palette {...props} />
          <Choice choose={() => (props.reply(message), close())}>
            <ReplyIcon />
            {words.reply}
          </Choice>
          <Choice choose={() => (void copyLink(message, room), close())}>
            <LinkIcon />
            {words.copyLink}
          </Choice>
          <Choice choose={() => (props.markUnread(message), close())}>
            <UnreadIcon />
            {words.markUnread}
          </Choice>
          {own && (
            <>
              <Choice choose={props.edit}>
                <EditIcon />
                {words.edit}
              </Choice>
              <Choice choose={() => setAsking(true)}>
                <RemoveIcon />
                {words.remove}
              </Choice>
            </>
          )}
        </>
      )}
    </div>
  );
}

function Palette({ message, selfId, room, close, failed }: Props) {
  const words = useWords();
  const toggle = (emoji: string): void => {
    const { reactions = {} } = message;
    const mine = Object.hasOwn(reactions, emoji) && reactions[emoji]!.includes(selfId);
    void room.react({ from: message.from.id, id: message.id }, emoji, !mine).then(failed);
    close();
  };
  return (
    <span className="palette">
      {PALETTE.map((emoji) => (
        <button key={emoji} type="button" aria-label={words.react(emoji)} onClick={() => toggle(emoji)}>
          {emoji}
        </button>
      ))}
    </span>
  );
}

/** An address that leads others to the message; without a clipboard it is in the address bar. */
async function copyLink({ seq }: ShownMessage, { name, epoch }: Room): Promise<void> {
  if (seq === undefined || epoch === undefined) return;
  const hash = writeLink({ room: name, at: { epoch, seq } });
  const url = new URL(hash, location.href).href;
  await navigator.clipboard?.writeText(url).catch(() => history.replaceState(null, '', hash));
}

interface ChoiceProps {
  choose: () => void;
  danger?: boolean;
  children: ReactNode;
}

const Choice = ({ choose, danger = false, children }: ChoiceProps) => (
  <button type="button" className={danger ? 'choice danger' : 'choice'} onClick={choose}>
    {children}
  </button>
);
