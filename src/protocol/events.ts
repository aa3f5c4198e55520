import type { WireError } from './codes';
import type { Entry, MessageBody, User } from './entries';
import type { History, Join, OnlyRoom, SendMessage } from './schemas';

/** The answer of every client event. */
export type Answer<T> = ({ ok: true } & T) | { ok: false; error: WireError };
type Ack<T> = (answer: Answer<T>) => void;

/** Why a join could not simply continue at `since`; `none`: it does. */
export type JoinReason = 'none' | 'fresh' | 'epoch' | 'trimmed' | 'far' | 'degraded';

export type SendAnswer =
  | { id: string; room: string; status: 'committed'; epoch: string; seq: number; at: number }
  | { id: string; room: string; status: 'queued'; at: number };

/** A message as it is now, for pages (join, history). */
export type PageMessage = MessageBody & { room: string; epoch: string; seq: number; n: number };

/** With `reason: "degraded"` (Redis is away) the positions are null. */
export interface JoinAnswer {
  room: string;
  epoch: string | null;
  first: number | null;
  head: number | null;
  /** The run of `messages` continues at upTo + 1. */
  upTo: number | null;
  messages: PageMessage[];
  /** Nothing older than `messages` exists. */
  complete: boolean;
  reason: JoinReason;
}

export interface HistoryAnswer {
  room: string;
  epoch: string;
  first: number;
  head: number;
  messages: PageMessage[];
  complete: boolean;
}

/** A room in `hello`: joined when it is the unnamed lobby, or when the reason is `none`. */
export interface HelloRoom {
  room: string;
  epoch: string | null;
  head: number | null;
  n: number | null;
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

/** What clients emit. The acknowledgement may be left out; the event is carried out all the same. */
export interface ClientToServer {
  sendMessage: (payload: SendMessage, ack?: Ack<SendAnswer>) => void;
  join: (payload: Join, ack?: Ack<JoinAnswer>) => void;
  history: (payload: History, ack?: Ack<HistoryAnswer>) => void;
  detach: (payload: OnlyRoom, ack?: Ack<{ room: string }>) => void;
  leave: (payload: OnlyRoom, ack?: Ack<{ room: string }>) => void;
}

/** What servers emit. */
export interface ServerToClient {
  hello: (hello: Hello) => void;
  messages: (entries: Entry[]) => void;
  gap: (gap: Gap) => void;
}
