import { useCallback, useRef, useState } from 'react';
import type { Room, ShownMessage } from '../../../src/client';
import { isDirect, useRoomLabel } from '../direct';
import { useHere, useRoomState } from '../hooks';
import type { Session } from '../page-store';
import { reason, words } from '../words';
import { Announcer } from './Announcer';
import { Composer } from './Composer';
import { MenuIcon } from './Icons';
import { Timeline } from './Timeline';
import { TypingLine } from './TypingLine';

interface Props {
  session: Session;
  drafts: Map<string, string>;
  openList: () => void;
}

export function RoomView({ session, drafts, openList }: Props) {
  const { chat, current: room } = session;
  const state = useRoomState(room);
  const label = useRoomLabel(room, chat.user, session.names);
  const [replyTo, setReplyTo] = useState<ShownMessage>();
  const field = useRef<HTMLTextAreaElement>(null);
  const reply = useCallback((message: ShownMessage): void => {
    setReplyTo(message);
    // After the menu has given the focus back.
    setTimeout(() => field.current?.focus());
  }, []);
  return (
    <section className="room" aria-label={label}>
      <Head room={room} label={label} openList={openList} />
      {state.kind === 'refused' && (
        <p role="alert" className="closed">
          {words.roomRefused} {reason(state.error.code)}
        </p>
      )}
      <Timeline chat={chat} room={room} label={label} reply={reply} />
      <Announcer chat={chat} room={room} />
      <TypingLine room={room} />
      <Composer {...{ room, label, drafts, field, replyTo }} endReply={() => setReplyTo(undefined)} />
    </section>
  );
}

function Head({ room, label, openList }: { room: Room; label: string; openList: () => void }) {
  const { count } = useHere(room);
  return (
    <header className="room-head">
      <button type="button" className="quiet phone-only" onClick={openList} aria-label={words.showRooms}>
        <MenuIcon />
      </button>
      <h1>
        {!isDirect(room.name) && (
          <span className="hash" aria-hidden="true">
            #
          </span>
        )}
        {label}
      </h1>
      {count !== undefined && <span className="here-count">{words.hereCount(count)}</span>}
    </header>
  );
}
