import { useEffect, useSyncExternalStore } from 'react';
import type { Room, User } from '../../src/client';
import { useWords } from './chosen';

export type Names = Readonly<Record<string, string>>;

/** A room for two; its name says nothing to people. */
export const isDirect = (room: string): boolean => room.startsWith('dm:');

/** What people call a room, as far as its name or this browser's memory tells. */
export function knownLabel(room: string, names: Names): string | undefined {
  if (!isDirect(room)) return room;
  return Object.hasOwn(names, room) ? names[room] : undefined;
}

/** What people call a room: a direct one by the other person, as far as anything tells who that is. */
export function useRoomLabel(room: Room, self: User | undefined, names: Names): string {
  const words = useWords();
  const label = useSyncExternalStore(room.onChange, () => labelOf(room, self, names));
  useEffect(() => (label === undefined ? room.watchHere() : undefined), [room, label]);
  return label ?? words.direct;
}

/** Whether the other person of a direct room is in it, on any of his devices. */
export const useOtherIsHere = (room: Room): boolean =>
  useSyncExternalStore(room.onChange, () => isDirect(room.name) && (room.here().count ?? 0) > 1);

function labelOf(room: Room, self: User | undefined, names: Names): string | undefined {
  if (!isDirect(room.name)) return room.name;
  const other = ({ id }: User): boolean => self !== undefined && id !== self.id;
  return (
    room.timeline().findLast(({ from }) => other(from))?.from.name ??
    knownLabel(room.name, names) ??
    room.here().people.find(other)?.name
  );
}
