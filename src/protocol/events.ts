import type {
  HistoryAnswer,
  JoinAnswer,
  JoinReason,
  MembersAnswer,
  ReadAnswer,
  RoomRow,
  SendAnswer,
} from './answers';
import type { WireError } from './codes';
import type { Received, User } from './entries';
import type {
  DeleteMessage,
  EditMessage,
  History,
  Join,
  MarkRead,
  Members,
  Nothing,
  OnlyRoom,
  OpenDirect,
  React,
  RefreshToken,
  Search,
  SendMessage,
  Typing,
} from './schemas';

export type * from './answers';

/** The answer of every client event. */
export type Answer<T> = ({ ok: true } & T) | { ok: false; error: WireError };
type Ack<T> = (answer: Answer<T>) => void;

/** A room in `hello`: joined when it is the unnamed lobby, or when the reason is `none`. */
export interface HelloRoom {
  room: string;
  epoch: string | null;
  head: number | null;
  n: number | null;
  /** As in RoomRow; missing when it is not known. */
  read?: number;
  upTo: number | null;
  reason: JoinReason;
}

export interface Hello {
  version: number;
  server: string;
  user: User;
  /** For an unnamed guest: present it next time to be the same user. */
  token?: string;
  rooms: HelloRoom[];
}

export interface Gap {
  room: string;
  epoch: string;
  upTo: number;
}

/** Who came and went since the last one; in a room of more than 200 the count alone. */
export interface Presence {
  room: string;
  count: number;
  joined?: User[];
  left?: User[];
}

/** What clients emit. The acknowledgement may be left out; the event is carried out all the same. */
export interface ClientToServer {
  sendMessage: (payload: SendMessage, ack?: Ack<SendAnswer>) => void;
  editMessage: (payload: EditMessage, ack?: Ack<SendAnswer>) => void;
  deleteMessage: (payload: DeleteMessage, ack?: Ack<SendAnswer>) => void;
  react: (payload: React, ack?: Ack<SendAnswer>) => void;
  join: (payload: Join, ack?: Ack<JoinAnswer>) => void;
  history: (payload: History, ack?: Ack<HistoryAnswer>) => void;
  search: (payload: Search, ack?: Ack<HistoryAnswer>) => void;
  detach: (payload: OnlyRoom, ack?: Ack<{ room: string }>) => void;
  leave: (payload: OnlyRoom, ack?: Ack<{ room: string }>) => void;
  typing: (payload: Typing, ack?: Ack<object>) => void;
  markRead: (payload: MarkRead, ack?: Ack<ReadAnswer>) => void;
  members: (payload: Members, ack?: Ack<MembersAnswer>) => void;
  rooms: (payload: Nothing, ack?: Ack<{ rooms: RoomRow[] }>) => void;
  openDirect: (payload: OpenDirect, ack?: Ack<{ room: string }>) => void;
  refreshToken: (payload: RefreshToken, ack?: Ack<{ expiresAt: number }>) => void;
}

/** What servers emit. */
export interface ServerToClient {
  hello: (hello: Hello) => void;
  messages: (entries: Received[]) => void;
  gap: (gap: Gap) => void;
  presence: (presence: Presence) => void;
  typing: (typing: { room: string; user: User; active: boolean }) => void;
  /** A room of the user that this connection has not joined has moved on. */
  activity: (activity: { room: string; head: number; n: number }) => void;
  /** Another connection of the user has read. */
  read: (read: { room: string; epoch: string; seq: number; unread: number }) => void;
  /** Reconnect within this time. */
  move: (move: { withinMs: number; reason: string; server?: string }) => void;
  /** The token is over at this time, ms since 1970. */
  expiring: (expiring: { expiresAt: number }) => void;
  /** Before a deliberate close: `kicked`, `auth_expired`, `too_slow`. */
  bye: (bye: { code: string; message: string }) => void;
}
