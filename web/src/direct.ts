import { useSyncExternalStore } from 'react';
import type { Room, User } from '../../src/client';
import { words } from './words';

export type Names = Readonly<Record<string, string>>;

/** A room for two; its name says nothing to people. */
export const isDirect = (room: string): boolean => room.startsWith('dm:');

/** What people call a room: a direct one by the other person, as far as anything tells who that is. */
export const useRoomLabel = (room: Room, self: User | undefined, names: Names): string =>
  useSyncExternalStore(room.onChange, () => labelOf(room, self, names));

function labelOf(room: Room, self: User | undefined, names: Names): string {
  if (!isDirect(room.name)) return room.name;
  const other = ({ id }: User): boolean => self !== undefined && id !== self.id;
  const known = Object.hasOwn(names, room.name) ? names[room.name] : undefined;
  return (
    room.timeline().findLast(({ from }) => other(from))?.from.name ??
    known ??
    room.here().people.find(other)?.name ??
    words.direct
  );
}
