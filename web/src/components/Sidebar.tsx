import { MAX_ROOM } from '../../../src/protocol/limits';
import { isDirect } from '../direct';
import type { PageStore, Session } from '../page-store';
import { words } from '../words';
import { Avatar } from './Avatar';
import { HereList } from './HereList';
import { CloseIcon, PlusIcon } from './Icons';
import { NameForm } from './NameForm';
import { RoomList } from './RoomList';
import { ServerLine } from './ServerLine';

interface Props {
  store: PageStore;
  session: Session;
  /** Lays the list aside, where it lies over the room. */
  close: () => void;
}

export function Sidebar({ store, session, close }: Props) {
  const open = (name: string): void => {
    store.open(name);
    close();
  };
  return (
    <aside className="sidebar">
      <header className="brand">
        <span>Chatfleet</span>
        <button type="button" className="quiet phone-only" onClick={close} aria-label={words.hideRooms}>
          <CloseIcon />
        </button>
      </header>
      <div className="rooms">
        <RoomList session={session} open={open} leave={(room) => store.close(room)} />
        {!isDirect(session.current.name) && (
          <HereList
            key={session.current.name}
            {...{ store, session, room: session.current }}
            opened={close}
          />
        )}
      </div>
      <NameForm
        className="room-form"
        label={words.newRoom}
        button={<PlusButton />}
        maxLength={2 * MAX_ROOM}
        complaint={words.badRoom}
        take={(name) => open(name.trim())}
      />
      <footer className="self">
        <Avatar id={session.chat.user?.id ?? `guest:${session.name}`} name={session.name} />
        <div className="who">
          <strong>{session.name}</strong>
          <ServerLine chat={session.chat} />
        </div>
        <button type="button" className="quiet text" onClick={() => store.signOut()}>
          {words.signOut}
        </button>
      </footer>
    </aside>
  );
}

const PlusButton = () => (
  <>
    <PlusIcon />
    <span className="hidden">{words.add}</span>
  </>
);
