import { useCallback, useRef, useState, type ReactNode } from 'react';
import type { Room, ShownMessage } from '../../../src/client';
import { useHere, useRoomState } from '../../../src/react';
import { preferences, usePreferences, useWords } from '../chosen';
import { isDirect, useRoomLabel } from '../direct';
import { useNames, useUnreadElsewhere } from '../hooks';
import type { PageStore, Session } from '../page-store';
import { Announcer } from './Announcer';
import { Composer } from './Composer';
import { BellIcon, MenuIcon, MutedIcon, SearchIcon } from './Icons';
import { SearchPanel } from './SearchPanel';
import { Timeline } from './Timeline';
import { TypingLine } from './TypingLine';

interface Props {
  store: PageStore;
  session: Session;
  openList: () => void;
  searching: boolean;
  setSearching: (searching: boolean) => void;
}

export function RoomView({ store, session, openList, searching, setSearching }: Props) {
  const words = useWords();
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
  const [toEdit, setToEdit] = useState<string>();
  const endEdit = useCallback((): void => {
    setToEdit(undefined);
    field.current?.focus();
  }, []);
  const editLast = (): boolean => {
    const last = room
      .timeline()
      .findLast(
        ({ from, state: of, deleted }) => from.id === chat.user?.id && of === 'committed' && !deleted,
      );
    setToEdit(last?.key);
    return last !== undefined;
  };
  const { drafts } = store;
  const reuse = useCallback(
    ({ id, text }: ShownMessage): void => {
      room.discard(id);
      const written = field.current!;
      written.value = [written.value, text].filter((part) => part !== '').join('\n');
      drafts.set(room.name, written.value);
      written.focus();
    },
    [room, drafts],
  );
  const names = useNames(room);
  return (
    <section className={searching ? 'room searching' : 'room'} aria-label={label}>
      <Head store={store} session={session} label={label} openList={openList}>
        <MuteButton room={room} />
        <button
          type="button"
          className="quiet"
          aria-label={words.search(label)}
          aria-expanded={searching}
          title={words.search(label)}
          onClick={() => setSearching(!searching)}
        >
          <SearchIcon />
        </button>
      </Head>
      {searching && (
        <SearchPanel
          {...{ room, label }}
          goTo={({ seq }) => {
            store.goTo(room, seq);
            if (matchMedia('(max-width: 720px)').matches) setSearching(false);
          }}
          close={() => setSearching(false)}
        />
      )}
      {state.kind === 'refused' && (
        <p role="alert" className="closed">
          {words.roomRefused} {words.reason(state.error.code)}
        </p>
      )}
      <Timeline {...{ store, chat, room, label, reply, reuse, names, toEdit, endEdit }} />
      <Announcer chat={chat} room={room} />
      <TypingLine room={room} />
      <Composer
        {...{ room, label, drafts, field, names, replyTo, editLast }}
        endReply={() => setReplyTo(undefined)}
      />
    </section>
  );
}

function MuteButton({ room: { name } }: { room: Room }) {
  const words = useWords();
  const { muted } = usePreferences();
  const isMuted = muted.includes(name);
  const others = muted.filter((other) => other !== name);
  return (
    <button
      type="button"
      className="quiet"
      aria-pressed={isMuted}
      aria-label={words.mute}
      title={words.mute}
      onClick={() => preferences.set({ muted: isMuted ? others : [...others, name] })}
    >
      {isMuted ? <MutedIcon /> : <BellIcon />}
    </button>
  );
}

interface HeadProps {
  store: PageStore;
  session: Session;
  label: string;
  openList: () => void;
  children: ReactNode;
}

function Head({ store, session, label, openList, children }: HeadProps) {
  const words = useWords();
  const { current: room }: { current: Room } = session;
  const { count } = useHere(room);
  const unread = useUnreadElsewhere(store, session);
  return (
    <header className="room-head">
      <button type="button" className="quiet phone-only" onClick={openList} aria-label={words.showRooms}>
        <MenuIcon />
        {unread > 0 && <span className="dot" />}
      </button>
      <h1>
        {!isDirect(room.name) && (
          <span className="hash" aria-hidden="true">
            #
          </span>
        )}
        {label}
      </h1>
      {/* Its place stays when the number is not known, so that the buttons beside it stay too. */}
      <span className="here-count">{count !== undefined && words.hereCount(count)}</span>
      {children}
    </header>
  );
}
