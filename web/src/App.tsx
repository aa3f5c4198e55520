import { useState } from 'react';
import { ConnectionBanner } from './components/ConnectionBanner';
import { JoinForm } from './components/JoinForm';
import { RoomView } from './components/RoomView';
import { Sidebar } from './components/Sidebar';
import { useSession } from './hooks';
import type { PageStore, Session } from './page-store';

export function App({ store }: { store: PageStore }) {
  const session = useSession(store);
  return session ? (
    <Joined store={store} session={session} />
  ) : (
    <JoinForm join={(name) => store.join(name)} />
  );
}

/** On a phone the list of rooms lies over the room, and only when asked for. */
function Joined({ store, session }: { store: PageStore; session: Session }) {
  const [listOpen, setListOpen] = useState(false);
  const { chat, current } = session;
  return (
    <div className={listOpen ? 'frame list-open' : 'frame'}>
      <Sidebar store={store} session={session} close={() => setListOpen(false)} />
      <main className="main">
        <ConnectionBanner chat={chat} />
        <RoomView
          key={current.name}
          session={session}
          drafts={store.drafts}
          openList={() => setListOpen(true)}
        />
      </main>
    </div>
  );
}
