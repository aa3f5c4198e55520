/** Shapes of what a room's log holds and of what clients see of it (contract section "Entry"). */

export interface User {
  id: string;
  name: string;
}

/** Names a message of anybody: the author's user id and the entry's id. */
export interface Ref {
  from: string;
  id: string;
}

/** A position in a room's log. A position of another epoch means nothing. */
export interface Position {
  epoch: string;
  seq: number;
}

/** What every entry has before the log numbers it. `at`: time of acceptance, ms since 1970. */
interface Common {
  id: string;
  from: User;
  at: number;
}

export interface MessageBody extends Common {
  kind: 'message';
  text: string;
  replyTo?: Ref;
}

export interface EditBody extends Common {
  kind: 'edit';
  target: Ref;
  text: string;
}

export interface DeleteBody extends Common {
  kind: 'delete';
  target: Ref;
}

export interface ReactionBody extends Common {
  kind: 'reaction';
  target: Ref;
  emoji: string;
  /** false takes it back */
  on: boolean;
}

/** What the sender and the server fix before the log numbers it. */
export type EntryBody = MessageBody | EditBody | DeleteBody | ReactionBody;

/** What a delete leaves of a message, and of each of its edits: the place, not the text. */
export type Tombstone = Common & { deleted: true } & ({ kind: 'message' } | { kind: 'edit'; target: Ref });

/** `n` counts the messages alone up to and including this seq. */
export interface Place {
  room: string;
  epoch: string;
  seq: number;
  n: number;
}

/** An entry with its place, as it comes in `messages`. */
export type Entry = Place & (EntryBody | Tombstone);

/** A message that is safe on a server's disk, but has no place in the log yet. It may come repeatedly. */
export type PendingMessage = MessageBody & { room: string; pending: true };

/** What `messages` carries. */
export type Received = Entry | PendingMessage;

export const isPending = <T extends object>(entry: T | PendingMessage): entry is PendingMessage =>
  'pending' in entry;
export const isPlaced = <T extends object>(entry: T | PendingMessage): entry is T => !isPending(entry);

/** User ids by emoji, each in the order of reacting. An emoji that nobody uses is not there. */
export type Reactions = Record<string, string[]>;

/** A message as it is now, for pages (join, history, search). */
export interface PageMessage extends Place, Common {
  kind: 'message';
  /** Missing exactly when it is deleted; then everything below is missing too. */
  text?: string;
  deleted?: true;
  replyTo?: Ref;
  /** `at` of the last edit. */
  edited?: number;
  reactions?: Reactions;
}

/** Its text, '' if it has none. */
export const textOf = (entry: object): string =>
  'text' in entry && typeof entry.text === 'string' ? entry.text : '';
