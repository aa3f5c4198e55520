import { useState } from 'react';
import type { Command } from './commands';
import { ConnectionBanner } from './components/ConnectionBanner';
import { JoinForm } from './components/JoinForm';
import { RoomView } from './components/RoomView';
import { Settings } from './components/Settings';
import { Shortcuts } from './components/Shortcuts';
import { Sidebar } from './components/Sidebar';
import { Switcher } from './components/Switcher';
import { useSession } from './hooks';
import type { PageStore, Session } from './page-store';
import { useShortcuts } from './shortcuts';

export function App({ store }: { store: PageStore }) {
  const session = useSession(store);
  return session ? (
    <Joined store={store} session={session} />
  ) : (
    <JoinForm join={(name) => store.join(name)} />
  );
}

type Over = 'settings' | 'shortcuts' | 'switcher';

/** On a phone the list of rooms lies over the room, and only when asked for. */
function Joined({ store, session }: { store: PageStore; session: Session }) {
  const [listOpen, setListOpen] = useState(false);
  const [searching, setSearching] = useState(false);
  const [over, setOver] = useState<Over>();
  const { chat, current } = session;
  useShortcuts(over === undefined, (command: Command) => {
    if (command === 'help') setOver('shortcuts');
    else if (command === 'switch') setOver('switcher');
    else if (command === 'search') setSearching(true);
    else if (command === 'out') store.latestWanted.tell();
    else store.step(command === 'next' ? 1 : -1);
  });
  const close = (): void => setOver(undefined);
  return (
    <div className={listOpen ? 'frame list-open' : 'frame'}>
      <Sidebar
        {...{ store, session }}
        close={() => setListOpen(false)}
        showSwitcher={() => setOver('switcher')}
        showSettings={() => setOver('settings')}
      />
      <main className="main">
        <ConnectionBanner chat={chat} room={current} />
        <RoomView
          key={current.name}
          {...{ store, session, searching, setSearching }}
          openList={() => setListOpen(true)}
        />
      </main>
      {over === 'settings' && <Settings {...{ store, close }} showShortcuts={() => setOver('shortcuts')} />}
      {over === 'shortcuts' && <Shortcuts close={close} />}
      {over === 'switcher' && <Switcher {...{ store, session, close }} />}
    </div>
  );
}
