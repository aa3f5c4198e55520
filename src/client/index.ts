/** The typed client: a chat over any number of connections, in a browser or in Node, without a framework. */
export { createChat } from './chat';
export type { Chat, ChatOptions, ChatState, Found, Room, RoomState } from './api';
export type { Unsubscribe } from './changes';
export type { Here } from './people';
export type { ListedRoom } from './room-list';
export type { ShownMessage } from './shown';
export type { ChatStorage } from './storage';
export { ChatError, type Code, type WireError } from '../protocol/codes';
export type { Ref, User } from '../protocol/entries';
