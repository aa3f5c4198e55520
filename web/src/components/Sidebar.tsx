import { useUser } from '../../../src/react';
import { MAX_ROOM } from '../../../src/protocol/limits';
import { useWords } from '../chosen';
import { isDirect } from '../direct';
import type { PageStore, Session } from '../page-store';
import { Avatar } from './Avatar';
import { HereList } from './HereList';
import { CloseIcon, GearIcon, Logo, PlusIcon, SearchIcon } from './Icons';
import { NameForm } from './NameForm';
import { RoomList } from './RoomList';
import { ServerLine } from './ServerLine';

interface Props {
  store: PageStore;
  session: Session;
  /** Lays the list aside, where it lies over the room. */
  close: () => void;
  showSwitcher: () => void;
  showSettings: () => void;
}

export function Sidebar({ store, session, close, showSwitcher, showSettings }: Props) {
  const words = useWords();
  const user = useUser(session.chat);
  const name = user?.name ?? session.name ?? '';
  const open = (room: string): void => {
    store.open(room);
    close();
  };
  return (
    <aside className="sidebar">
      <header className="brand">
        <Logo />
        <span>Chatfleet</span>
        <button
          type="button"
          className="quiet"
          onClick={showSwitcher}
          aria-label={words.switchRoom}
          title={words.switchRoom}
        >
          <SearchIcon />
        </button>
        <button type="button" className="quiet phone-only" onClick={close} aria-label={words.hideRooms}>
          <CloseIcon />
        </button>
      </header>
      <div className="rooms">
        <RoomList {...{ store, session, open }} leave={(room) => store.close(room)} />
        <NameForm
          className="room-form"
          label={words.newRoom}
          placeholder={words.newRoom}
          button={<PlusButton />}
          maxLength={2 * MAX_ROOM}
          complaint={words.badRoom}
          take={(room) => open(room.trim())}
        />
        {!isDirect(session.current.name) && (
          <HereList
            key={session.current.name}
            {...{ store, session, room: session.current }}
            opened={close}
          />
        )}
      </div>
      <footer className="self">
        <Avatar id={user?.id ?? `guest:${name}`} name={name} />
        <div className="who">
          <strong>{name}</strong>
          <ServerLine chat={session.chat} />
        </div>
        <button
          type="button"
          className="quiet"
          onClick={showSettings}
          aria-label={words.settings}
          title={words.settings}
        >
          <GearIcon />
        </button>
      </footer>
    </aside>
  );
}

function PlusButton() {
  const words = useWords();
  return (
    <>
      <PlusIcon />
      <span className="hidden">{words.add}</span>
    </>
  );
}
