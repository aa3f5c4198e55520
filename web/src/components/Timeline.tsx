import { useEffect } from 'react';
import type { Chat, Room, ShownMessage, WireError } from '../../../src/client';
import { useRoomState, useTimeline, useUnread, useUser, useVisible } from '../hooks';
import { useScroll } from '../scroll';
import { reason, words } from '../words';
import { DownIcon } from './Icons';
import { MessageRow } from './MessageRow';

interface Props {
  chat: Chat;
  room: Room;
  label: string;
  reply: (message: ShownMessage) => void;
}

export function Timeline({ chat, room, label, reply }: Props) {
  const messages = useTimeline(room);
  const { kind } = useRoomState(room);
  const unread = useUnread(chat, room);
  const selfId = useUser(chat)?.id ?? '';
  const { list, rows, complete, onScroll, following, follow, failure, retry } = useScroll(room, messages);
  const visible = useVisible();
  const loaded = kind === 'joined' || messages.length > 0;

  useEffect(() => {
    const seen = visible && following && list.current!.clientHeight > 0;
    const last = seen ? messages.findLast(({ seq }) => seq !== undefined) : undefined;
    if (last?.seq !== undefined) room.markRead(last.seq);
  }, [room, messages, following, visible, unread, list]);

  return (
    <div className="timeline-place">
      <div
        className="timeline"
        ref={list}
        onScroll={onScroll}
        role="log"
        aria-live="off"
        aria-label={words.messages(label)}
        tabIndex={0}
      >
        {failure && <NoOlder failure={failure} retry={retry} />}
        {loaded && !failure ? <Top empty={messages.length === 0} complete={complete} /> : null}
        <ol>
          {rows.map((row) => (
            <MessageRow key={row.message.key} {...row} room={room} selfId={selfId} reply={reply} />
          ))}
        </ol>
      </div>
      {!following && (
        <button type="button" className="jump" onClick={follow}>
          <DownIcon />
          {words.jump}
          {unread > 0 && <span className="badge">{words.newOnes(unread)}</span>}
        </button>
      )}
    </div>
  );
}

function Top({ empty, complete }: { empty: boolean; complete: boolean }) {
  if (empty) return <p className="top empty">{words.empty}</p>;
  return <p className="top">{complete ? words.beginning : words.loading}</p>;
}

function NoOlder({ failure, retry }: { failure: WireError; retry: () => void }) {
  return (
    <p className="top" role="alert">
      {words.noOlder} {reason(failure.code)}{' '}
      <button type="button" className="text" onClick={retry}>
        {words.tryAgain}
      </button>
    </p>
  );
}
