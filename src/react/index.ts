/** React hooks for the typed client: each shows one thing, and draws again when it changes. */
import { useEffect, useSyncExternalStore } from 'react';
import type {
  Chat,
  ChatState,
  Here,
  ListedRoom,
  Room,
  RoomState,
  ShownMessage,
  Unsubscribe,
  User,
} from '../client';

/** Rendered on a server it shows what is known there. */
const useChanging = <T>(subject: { onChange(listener: () => void): Unsubscribe }, read: () => T): T =>
  useSyncExternalStore(subject.onChange, read, read);

export const useChatState = (chat: Chat): ChatState => useChanging(chat, () => chat.state);

/** Who one is; undefined before the first hello. */
export const useUser = (chat: Chat): User | undefined => useChanging(chat, () => chat.user);

/** The user's rooms with what is unread. */
export const useRooms = (chat: Chat): readonly ListedRoom[] => useChanging(chat, () => chat.rooms());

export const useRoomState = (room: Room): RoomState => useChanging(room, () => room.state);

/** The messages of a room. */
export const useTimeline = (room: Room): readonly ShownMessage[] => useChanging(room, () => room.timeline());

/** How many messages of the room are unread. */
export const useUnread = (chat: Chat, room: Room): number => useChanging(chat, () => room.unread);

/** Who else is typing. */
export const useTypists = (room: Room): readonly User[] => useChanging(room, () => room.typists());

/** Who is here, with names while it is shown. */
export function useHere(room: Room): Here {
  useEffect(() => room.watchHere(), [room]);
  return useChanging(room, () => room.here());
}
