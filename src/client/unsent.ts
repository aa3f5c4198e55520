import type { WireError } from '../protocol/codes';
import type { Ref } from '../protocol/entries';
import type { SendAnswer } from '../protocol/events';
import { UNNAMED } from './identity';
import type { Run, Timeline } from './timeline';
import { isFinal } from './wire';

/** For how long after its first try a send with an unknown outcome is tried again by itself. */
export const GIVE_UP_AFTER_MS = 10 * 60_000;

const SOMEBODY_ELSE: WireError = { code: 'unavailable', message: 'Written as somebody else' };
const TOO_LATE: WireError = { code: 'unavailable', message: 'No server took it in time' };

/** An own message whose commit was not seen yet. */
export interface Unsent {
  id: string;
  /** Whose it is. Undefined until it is known who writes. */
  user?: string | undefined;
  text: string;
  replyTo?: Ref;
  /** When it was written, ms since 1970; later than those before it, so it gives the order of sending too. */
  at: number;
  /** `asked`: a server answered, and nothing happened since that could make the answer void. */
  state: 'waiting' | 'asked' | 'failed';
  firstTriedAt?: number;
  /** The server's last word, if it took the message. */
  taken?: SendAnswer;
  /** A server has it safe; shown as such until it is seen in the log. */
  queued?: true;
  /** Present when failed. */
  error?: WireError;
}

/** In the order of sending. A value, as the timeline is. */
export type UnsentList = readonly Unsent[];

export function written(
  list: UnsentList,
  message: Pick<Unsent, 'id' | 'text' | 'replyTo' | 'user'>,
  now: number,
): UnsentList {
  const last = list.at(-1);
  const at = last ? Math.max(now, last.at + 1) : now;
  return [...list, { ...asWritten({ ...message, at }), state: 'waiting' }];
}

/** Takes in what was kept over a reload, or by another page, in the order of writing. */
export function merged(list: UnsentList, kept: UnsentList): UnsentList {
  const ids = new Set(list.map(({ id }) => id));
  const more = kept.filter(({ id }) => !ids.has(id));
  if (more.length === 0) return list;
  return [...list, ...more].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** It is known now who sends. What somebody else wrote is not sent in his name, unless he wants that. */
export function claimed(list: UnsentList, user: string | undefined): UnsentList {
  return list.map((item) => {
    if (item.state === 'failed' || item.user === user) return item;
    return item.user === undefined || item.user === UNNAMED ? { ...item, user } : failed(item, SOMEBODY_ELSE);
  });
}

/** The one to send next: one at a time, so that a temporary refusal cannot change the order. */
export const nextToSend = (list: UnsentList): Unsent | undefined =>
  list.find((item) => item.state === 'waiting');

export function tried(list: UnsentList, id: string, now: number): UnsentList {
  return change(list, id, (item) => ({ ...item, firstTriedAt: item.firstTriedAt ?? now }));
}

export function taken(list: UnsentList, id: string, answer: SendAnswer): UnsentList {
  return change(list, id, (item) => ({
    ...item,
    state: 'asked',
    taken: answer,
    ...(answer.status === 'queued' && { queued: true }),
  }));
}

/** A temporary refusal, or no answer, leaves it waiting; a final one fails it, and blocks nothing behind it. */
export function refused(list: UnsentList, id: string, error: WireError): UnsentList {
  return isFinal(error.code) ? change(list, id, (item) => failed(item, error)) : list;
}

/** Fails what was tried too long ago. What a server took, it keeps, so that has no deadline. */
export function expired(list: UnsentList, now: number): UnsentList {
  const late = ({ state, taken: answer, queued, firstTriedAt = now }: Unsent): boolean =>
    state === 'waiting' && !answer && !queued && now - firstTriedAt >= GIVE_UP_AFTER_MS;
  return list.some(late) ? list.map((item) => (late(item) ? failed(item, TOO_LATE) : item)) : list;
}

/** After a break of the run an answer says nothing about what will be seen: ask what is true now. */
export function askAgain(list: UnsentList): UnsentList {
  return list.map((item) => (item.state === 'asked' ? { ...item, state: 'waiting' } : item));
}

/** Takes a failed one up again, with its id: should an earlier try have reached the log after all, nothing doubles. */
export function retried(list: UnsentList, id: string, user?: string): UnsentList {
  return change(list, id, (item) =>
    item.state === 'failed' ? { ...asWritten({ ...item, user }), state: 'waiting' } : item,
  );
}

/** Forgets a failed one. What may still reach the log cannot be taken back. */
export function discarded(list: UnsentList, id: string): UnsentList {
  return list.filter((item) => item.id !== id || item.state !== 'failed');
}

/** The room is closed to us: nothing that waits will be taken. */
export function allRefused(list: UnsentList, error: WireError): UnsentList {
  return list.map((item) => (item.state === 'waiting' ? failed(item, error) : item));
}

/** Lets go of what the timeline shows, and of what the run has passed (it lies further back than is held). */
export function settled(list: UnsentList, { run, committed }: Timeline, userId: string): UnsentList {
  if (list.length === 0) return list;
  const own = new Set(committed.filter(({ from }) => from.id === userId).map(({ id }) => id));
  return list.filter((item) => !own.has(item.id) && !passed(run, item.taken));
}

function passed(run: Run | undefined, answer: SendAnswer | undefined): boolean {
  return answer?.status === 'committed' && answer.epoch === run?.epoch && answer.seq <= run.upTo;
}

export function failed(item: Unsent, error: WireError): Unsent {
  return { ...asWritten(item), state: 'failed', error };
}

type Written = Pick<Unsent, 'id' | 'user' | 'text' | 'replyTo' | 'at'>;

function asWritten({ id, user, text, replyTo, at }: Written): Written {
  return { id, ...(user !== undefined && { user }), text, ...(replyTo && { replyTo }), at };
}

function change(list: UnsentList, id: string, to: (item: Unsent) => Unsent): UnsentList {
  return list.map((item) => (item.id === id ? to(item) : item));
}
