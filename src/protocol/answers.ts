import type { PageMessage, PendingMessage, User } from './entries';

/** Why a join could not simply continue at `since`; `none`: it does. */
export type JoinReason = 'none' | 'fresh' | 'epoch' | 'trimmed' | 'far' | 'degraded';

/** Of every event that adds an entry. */
export type SendAnswer =
  | { id: string; room: string; status: 'committed'; epoch: string; seq: number; at: number }
  | { id: string; room: string; status: 'queued'; at: number };

/** With `reason: "degraded"` (Redis is away) the positions are null. */
export interface JoinAnswer {
  room: string;
  epoch: string | null;
  first: number | null;
  head: number | null;
  /** The run of `messages` continues at upTo + 1. */
  upTo: number | null;
  /** Pending ones come last, and only with `degraded`. */
  messages: (PageMessage | PendingMessage)[];
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

/** `seq`: the furthest position read; `unread`: messages after it. */
export interface ReadAnswer {
  room: string;
  seq: number;
  unread: number;
}

/** Who is in the room now, a page sorted by user id. `cursor`: there are more. `partial`: of this server alone. */
export interface MembersAnswer {
  room: string;
  count: number;
  members: User[];
  cursor?: string;
  partial?: true;
}

/** A room of the user. `n` minus `read` messages are unread. */
export interface RoomRow {
  room: string;
  head: number;
  n: number;
  /** `n` of the last message read, 0 if none was. */
  read: number;
}
