import { codes } from '../protocol/codes';
import type {
  DeleteBody,
  EditBody,
  Entry,
  MessageBody,
  PageMessage,
  Position,
  ReactionBody,
} from '../protocol/entries';
import type { PendingMessage } from '../protocol/entries';
import type { Answer, Gap, Hello, HistoryAnswer, JoinAnswer, SendAnswer } from '../protocol/events';

/** One time that an entry was handed to a connection. Times: ms since 1970, with fractions. */
export interface Attempt {
  /** Counts the connections of this client; attempts of one connection reached one server in order. */
  connection: number;
  sentAt: number;
  answeredAt?: number;
  /** Missing: nobody knows whether the server took it. */
  answer?: Answer<SendAnswer>;
}

/** What an entry of each kind says; the rest of it comes from the server. */
export type Content =
  | Pick<MessageBody, 'kind' | 'text'>
  | Pick<EditBody, 'kind' | 'target' | 'text'>
  | Pick<DeleteBody, 'kind' | 'target'>
  | Pick<ReactionBody, 'kind' | 'target' | 'emoji' | 'on'>;

/** An entry that a client wants in a room's log. */
export type Wanted = Content & {
  room: string;
  /** Missing as long as the server chooses the id (a plain string was sent) and has not answered. */
  id?: string;
  /** When the schedule wanted it sent. Latency counts from here: waiting is part of it. */
  plannedAt: number;
};

/** The same with all its attempts; a repeated attempt keeps the id. */
export type Send = Wanted & { attempts: Attempt[] };

/** `unknown`: it may appear once or not at all. `refused`: it must not appear. */
export type Outcome = 'committed' | 'queued' | 'refused' | 'unknown';

/** The strongest thing that any attempt was told; without any attempt: refused. */
export function outcomeOf(send: Send): Outcome {
  const answers = send.attempts.map((attempt) => attempt.answer);
  const statuses = answers.map((answer) => (answer?.ok ? answer.status : undefined));
  if (statuses.includes('committed')) return 'committed';
  if (statuses.includes('queued')) return 'queued';
  // A temporary error may hide a stored entry: the deadline passed, the append did not.
  const refused = answers.every((answer) => answer?.ok === false && codes[answer.error.code].final);
  return refused ? 'refused' : 'unknown';
}

/** Of a join, with what is committed alone: what is pending is an event of its own. */
export type JoinedAnswer = Omit<JoinAnswer, 'messages'> & { messages: PageMessage[] };

/** What reached one client, in the order in which it was received. */
export type JournalEvent =
  | { type: 'hello'; hello: Hello; asked: Record<string, Position> }
  | { type: 'joined'; answer: JoinedAnswer; since?: Position | undefined }
  | { type: 'messages'; entries: Entry[] }
  /** On some server's disk, not in the log yet. */
  | { type: 'pending'; entries: PendingMessage[] }
  /** A page that was asked for when the client had got to `known`. */
  | { type: 'history'; answer: HistoryAnswer; known?: Position | undefined }
  | { type: 'gap'; gap: Gap }
  | { type: 'detached'; room: string }
  | { type: 'disconnected'; reason: string }
  /** Whatever a user would call an error: refused connections, failed upgrades, coded answers. */
  | { type: 'error'; what: string };

/** Everything one client did and saw. If it ends connected, the checker wants it complete up to the head. */
export interface Journal {
  client: string;
  sends: Send[];
  events: JournalEvent[];
}

/** The user that the server took this client for, or undefined if it never said hello. */
export function userOf(journal: Journal): string | undefined {
  const hello = journal.events.find((event) => event.type === 'hello');
  return hello?.hello.user.id;
}

/** The reason that socket.io-client gives when the client itself went. */
const WENT = 'io client disconnect';

/** All errors of this client, and all disconnects that it did not want, in words. */
export function errorsOf({ client, events }: Journal): string[] {
  return events.flatMap((event) => {
    if (event.type === 'error') return [`${client}: ${event.what}`];
    return event.type === 'disconnected' && event.reason !== WENT ? [`${client}: ${event.reason}`] : [];
  });
}

/** A room's messages as they are in the end, read through `history`: what is true for everybody. */
export interface FinalLog {
  room: string;
  epoch: string;
  /** The reading begins here: what is older was trimmed, or was there before the crowd came. */
  first: number;
  head: number;
  messages: PageMessage[];
}

/** A clock for journals: it never goes back, and two readings are hardly ever equal. */
export const now = (): number => performance.timeOrigin + performance.now();
