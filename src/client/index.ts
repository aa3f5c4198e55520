/** The typed client: a chat over any number of connections, in a browser or in Node, without a framework. */
export { createChat } from './chat';
export type {
  Chat,
  ChatOptions,
  ChatState,
  Found,
  Here,
  ListedRoom,
  Room,
  RoomState,
  ShownMessage,
} from './api';
export type { Unsubscribe } from './changes';
export type { ChatStorage } from './storage';
export type { MembersAnswer } from '../protocol/answers';
export { ChatError, type Code, type WireError } from '../protocol/codes';
export type { Ref, User } from '../protocol/entries';
