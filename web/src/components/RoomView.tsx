import type { Chat, Room } from '../../../src/client';
import { useRoomState } from '../hooks';
import { reason, words } from '../words';
import { Announcer } from './Announcer';
import { Composer } from './Composer';
import { MenuIcon } from './Icons';
import { Timeline } from './Timeline';

interface Props {
  chat: Chat;
  room: Room;
  drafts: Map<string, string>;
  openList: () => void;
}

export function RoomView({ chat, room, drafts, openList }: Props) {
  const state = useRoomState(room);
  return (
    <section className="room" aria-label={room.name}>
      <header className="room-head">
        <button type="button" className="quiet phone-only" onClick={openList} aria-label={words.showRooms}>
          <MenuIcon />
        </button>
        <h1>
          <span className="hash" aria-hidden="true">
            #
          </span>
          {room.name}
        </h1>
      </header>
      {state.kind === 'refused' && (
        <p role="alert" className="closed">
          {words.roomRefused} {reason(state.error.code)}
        </p>
      )}
      <Timeline chat={chat} room={room} />
      <Announcer chat={chat} room={room} />
      <Composer room={room} drafts={drafts} />
    </section>
  );
}
