import type { Chat, Room } from '../../../src/client';
import { useRoomState, useTimeline } from '../hooks';
import { rowsOf } from '../rows';
import { useScroll } from '../scroll';
import { words } from '../words';
import { DownIcon } from './Icons';
import { MessageRow } from './MessageRow';

export function Timeline({ chat, room }: { chat: Chat; room: Room }) {
  const messages = useTimeline(room);
  const { kind } = useRoomState(room);
  const { list, onScroll, following, follow } = useScroll(room, messages);
  const loaded = kind === 'joined' || messages.length > 0;
  return (
    <div className="timeline-place">
      <div
        className="timeline"
        ref={list}
        onScroll={onScroll}
        role="log"
        aria-live="off"
        aria-label={words.messages(room.name)}
        tabIndex={0}
      >
        {loaded ? <Top empty={messages.length === 0} complete={room.complete} /> : null}
        <ol>
          {rowsOf(messages).map((row) => (
            <MessageRow
              key={row.message.key}
              {...row}
              room={room}
              own={row.message.from.id === (chat.user?.id ?? '')}
            />
          ))}
        </ol>
      </div>
      {!following && (
        <button type="button" className="jump" onClick={follow}>
          <DownIcon />
          {words.jump}
        </button>
      )}
    </div>
  );
}

function Top({ empty, complete }: { empty: boolean; complete: boolean }) {
  if (empty) return <p className="top empty">{words.empty}</p>;
  return <p className="top">{complete ? words.beginning : words.loading}</p>;
}
