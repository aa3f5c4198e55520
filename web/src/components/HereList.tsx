import { useState } from 'react';
import type { Room, User } from '../../../src/client';
import { useHere, useUser } from '../../../src/react';
import type { PageStore, Session } from '../page-store';
import { useWords } from '../chosen';
import { Avatar } from './Avatar';

interface Props {
  store: PageStore;
  session: Session;
  room: Room;
  /** A direct room was opened. */
  opened: () => void;
}

/** Who is in the room now; a click opens the direct room with one of them. */
export function HereList({ store, session, room, opened }: Props) {
  const words = useWords();
  const { count, people } = useHere(room);
  const self = useUser(session.chat);
  const [refused, setRefused] = useState(false);
  if (count === undefined) return null;
  const talkTo = async (user: User): Promise<void> => {
    const error = await store.openDirect(user);
    setRefused(error !== undefined);
    if (!error) opened();
  };
  const others = people.filter(({ id }) => id !== self?.id);
  const more = count - people.length;
  return (
    <section className="here" aria-label={words.hereNow}>
      <h2>
        {words.hereNow} <span>{count}</span>
      </h2>
      {refused && (
        <p role="alert" className="complaint">
          {words.noDirect}
        </p>
      )}
      <ul>
        {others.map((user) => (
          <li key={user.id}>
            <button type="button" aria-label={words.talkTo(user.name)} onClick={() => void talkTo(user)}>
              <Avatar id={user.id} name={user.name} />
              <span className="room-name">{user.name}</span>
            </button>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="more">{words.andMore(more)}</p>}
    </section>
  );
}
