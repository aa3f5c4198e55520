import type { ListedRoom, Room } from '../../../src/client';
import { LOBBY } from '../../../src/protocol/limits';
import { isDirect, knownLabel, useOtherIsHere, useRoomLabel, type Names } from '../direct';
import { useHasDraft, useUnreadRooms } from '../hooks';
import type { PageStore, Session } from '../page-store';
import { usePreferences, useWords } from '../chosen';
import { CloseIcon, EditIcon } from './Icons';
import { Sign } from './Sign';

interface Props {
  store: PageStore;
  session: Session;
  open: (name: string) => void;
  leave: (room: Room) => void;
}

/** The open rooms first, then those that one is in elsewhere. */
export function RoomList({ store, session, open, leave }: Props) {
  const words = useWords();
  const listed = useUnreadRooms(store, session);
  const unread = new Map(listed.map((row) => [row.room, row.unread]));
  const elsewhere = listed.filter(({ room }) => !session.rooms.some(({ name }) => name === room));
  const elsewhereRow = (other: ListedRoom) => (
    <ElsewhereRow key={other.room} {...other} names={session.names} open={open} />
  );
  const row = (room: Room) => (
    <OpenRow key={room.name} {...{ store, session, room, open, leave }} unread={unread.get(room.name) ?? 0} />
  );
  const directs = [
    ...session.rooms.filter(({ name }) => isDirect(name)).map(row),
    ...elsewhere.filter(({ room }) => isDirect(room)).map(elsewhereRow),
  ];
  return (
    <>
      <nav aria-label={words.rooms}>
        <ul>
          {session.rooms.filter(({ name }) => !isDirect(name)).map(row)}
          {elsewhere.filter(({ room }) => !isDirect(room)).map(elsewhereRow)}
        </ul>
      </nav>
      {directs.length > 0 && (
        <nav aria-label={words.directs}>
          <h2>{words.directs}</h2>
          <ul>{directs}</ul>
        </nav>
      )}
    </>
  );
}

function OpenRow({ store, session, room, unread, open, leave }: Props & { room: Room; unread: number }) {
  const words = useWords();
  const label = useRoomLabel(room, session.chat.user, session.names);
  const current = room === session.current;
  const { muted } = usePreferences();
  const draft = useHasDraft(store.drafts, room.name);
  const here = useOtherIsHere(room);
  const kept = store.marks.all().has(room.name);
  return (
    <li>
      <button type="button" aria-current={current ? 'page' : undefined} onClick={() => open(room.name)}>
        <Sign direct={isDirect(room.name)} label={label} here={here} />
        {!current && draft && <DraftMark />}
        {(!current || kept) && <Badge unread={unread} muted={muted.includes(room.name)} />}
      </button>
      {room.name !== LOBBY && (
        <button
          type="button"
          className="quiet"
          aria-label={words.leaveRoom(label)}
          onClick={() => leave(room)}
        >
          <CloseIcon />
        </button>
      )}
    </li>
  );
}

function ElsewhereRow({ room, unread, names, open }: ListedRoom & Pick<Props, 'open'> & { names: Names }) {
  const words = useWords();
  const label = knownLabel(room, names) ?? words.direct;
  return (
    <li>
      <button type="button" onClick={() => open(room)}>
        <Sign direct={isDirect(room)} label={label} />
        <Badge unread={unread} muted={usePreferences().muted.includes(room)} />
      </button>
    </li>
  );
}

function DraftMark() {
  const words = useWords();
  return (
    <span className="draft" title={words.draft}>
      <EditIcon />
      <span className="hidden">{words.draft}</span>
    </span>
  );
}

function Badge({ unread, muted }: { unread: number; muted: boolean }) {
  const words = useWords();
  if (unread === 0) return null;
  return (
    <span className={muted ? 'badge muted' : 'badge'}>
      <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
      <span className="hidden">{words.unread(unread)}</span>
    </span>
  );
}
