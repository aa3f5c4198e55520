import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Chat, ChatState, Room, RoomState, ShownMessage } from '../../src/client';
import type { PageStore, Session } from './page-store';

export const useSession = (store: PageStore): Session | undefined =>
  useSyncExternalStore(store.onChange, store.session);

export const useChatState = (chat: Chat): ChatState => useSyncExternalStore(chat.onChange, () => chat.state);

export const useTimeline = (room: Room): readonly ShownMessage[] =>
  useSyncExternalStore(room.onChange, () => room.timeline());

export const useRoomState = (room: Room): RoomState => useSyncExternalStore(room.onChange, () => room.state);

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
