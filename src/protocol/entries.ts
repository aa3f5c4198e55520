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

/** What the sender and the server fix before the log numbers it. `at`: time of acceptance, ms since 1970. */
export interface MessageBody {
  id: string;
  kind: 'message';
  from: User;
  at: number;
  text: string;
  replyTo?: Ref;
}

/** The kinds of entries grow with edit, delete and reaction; all share id, kind, from and at. */
export type EntryBody = MessageBody;

/** An entry with its place: `n` counts the messages alone up to and including this seq. */
export type Entry = EntryBody & { room: string; epoch: string; seq: number; n: number };
