import { useMemo } from 'react';
import type { User } from '../../src/client';
import { useHere, useRooms } from '../../src/react';
import { roomName } from '../../src/protocol/names';
import { isDirect, knownLabel } from './direct';
import { matches, unfinished } from './matching';
import type { Session } from './page-store';

/** Somewhere one can go. */
export type Destination = { key: string; label: string; direct: boolean } & (
  { kind: 'room' | 'new'; room: string } | { kind: 'person'; user: User; userId: string }
);

const MAX_SHOWN = 8;

/** Rooms of the user, people who are here, and a room of this name if there is none yet. */
export function useDestinations(session: Session, query: string): readonly Destination[] {
  const listed = useRooms(session.chat);
  const { people } = useHere(session.current);
  return useMemo(() => {
    const self = session.chat.user?.id;
    const rooms = listed.flatMap(({ room }) => roomAt(room, knownLabel(room, session.names)));
    const others = people.filter(({ id }) => id !== self).map(personAt);
    const found = [...rooms, ...others].filter(({ label }) => matches(label, query));
    return [...found.slice(0, MAX_SHOWN), ...newRoom(query, rooms)];
  }, [session, listed, people, query]);
}

function roomAt(room: string, label: string | undefined): Destination[] {
  if (label === undefined) return [];
  return [{ kind: 'room', key: room, label, direct: isDirect(room), room }];
}

const personAt = (user: User): Destination => ({
  kind: 'person',
  key: `person ${user.id}`,
  label: user.name,
  direct: true,
  user,
  userId: user.id,
});

function newRoom(query: string, rooms: readonly Destination[]): Destination[] {
  const room = nameIn(query);
  if (room === undefined || unfinished(room) || rooms.some(({ key }) => key === room)) return [];
  return [{ kind: 'new', key: `new ${room}`, label: room, direct: false, room }];
}

function nameIn(query: string): string | undefined {
  try {
    return roomName(query.trim());
  } catch {
    return undefined;
  }
}
