import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { ListedRoom, Room } from '../../src/client';
import { useHere, useRooms, useTimeline } from '../../src/react';
import type { Drafts } from './drafts';
import { isLooking, onLooking } from './attention';
import { withMarks } from './marks';
import type { PageStore, Session } from './page-store';

export const useSession = (store: PageStore): Session | undefined =>
  useSyncExternalStore(store.onChange, store.session);

/** Names of those who are here and of those who said something lately, without doubles. The same array until it changes. */
export function useNames(room: Room): readonly string[] {
  const { people } = useHere(room);
  const messages = useTimeline(room);
  const before = useRef<readonly string[]>([]);
  const now = [
    ...new Set([...people, ...messages.slice(-200).map(({ from }) => from)].map(({ name }) => name)),
  ];
  if (now.join('\n') !== before.current.join('\n')) before.current = now;
  return before.current;
}

export const useHasDraft = (drafts: Drafts, room: string): boolean =>
  useSyncExternalStore(drafts.onChange, () => drafts.get(room) !== '');

/** Whether somebody looks at the page. */
export const useLooking = (): boolean => useSyncExternalStore(onLooking, isLooking);

/** Whether this moment (ms since 1970) has come; undefined never comes. */
export function useHasCome(moment: number | undefined): boolean {
  const [passed, setPassed] = useState<number>();
  useEffect(() => {
    if (moment === undefined) return undefined;
    const timer = setTimeout(() => setPassed(moment), Math.max(0, moment - Date.now()));
    return () => clearTimeout(timer);
  }, [moment]);
  return moment !== undefined && passed === moment;
}

/** The user's rooms with what is unread, and with what he marked as unread. */
export function useUnreadRooms(store: PageStore, { chat }: Session): readonly ListedRoom[] {
  const rooms = useRooms(chat);
  return withMarks(rooms, useSyncExternalStore(store.marks.onChange, store.marks.all));
}

/** Messages that are not read in all rooms but the one that is shown. */
export function useUnreadElsewhere(store: PageStore, session: Session): number {
  const { current } = session;
  const rooms = useUnreadRooms(store, session);
  return rooms.reduce((sum, { room, unread }) => (room === current.name ? sum : sum + unread), 0);
}
