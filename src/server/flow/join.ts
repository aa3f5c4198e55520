import { ChatError, isUnavailable } from '../../protocol/codes';
import type { Position } from '../../protocol/entries';
import type { HelloRoom, JoinAnswer } from '../../protocol/events';
import { MAX_ROOMS } from '../../protocol/limits';
import type { LogState, RoomLog } from '../roomlog/types';
import { Cursor } from './cursor';
import type { Feed } from './feed';
import { continuation } from './resolve';
import type { Rooms } from './rooms';
import type { Session } from './session';
import type { MayEnter } from './types';

/** Is told what rooms a connection receives. Must not throw. */
export interface RoomWatcher {
  /** The connection receives the room from now on. Not called again for a further join. */
  joined(session: Session, room: string): void;
  /** It does not any more: detached, left, or closed. */
  ended(session: Session, room: string): void;
}

export interface JoinDeps {
  log: RoomLog;
  rooms: Rooms;
  mayEnter: MayEnter;
  watchers: RoomWatcher[];
}

/** An answer, and what begins once it has been sent: until then nothing of the room is. */
export interface Joining<T> {
  answer: T;
  begin: () => void;
}

/** Joins a room on this connection, or moves its cursor. Without the log: `degraded`, never an error for that. */
export async function join(
  deps: JoinDeps,
  session: Session,
  room: string,
  since: Position | undefined,
): Promise<Joining<JoinAnswer>> {
  const known = session.joined.has(room);
  if (!known && !deps.mayEnter(session.user, session.rights, room)) throw new ChatError('forbidden');
  if (!known && session.joined.size >= MAX_ROOMS)
    throw new ChatError('too_large', `at most ${MAX_ROOMS} rooms`);
  if (!known) session.takeJoin();
  const { feed, pending, isHeld, startAt, startDegraded } = hold(deps, session, room);
  const state = await locate(deps.log, feed, since).catch(undefinedIfUnavailable);
  // A new token may have taken the right away meanwhile.
  if (!isHeld()) throw new ChatError('forbidden');
  if (!state) {
    const nowhere = { epoch: null, first: null, head: null, upTo: null };
    const messages = [...feed.page().messages, ...pending()];
    const answer = { room, ...nowhere, messages, complete: false, reason: 'degraded' as const };
    return { answer, begin: () => startDegraded(since) };
  }
  const reason = continuation(since, state);
  if (reason === 'none') {
    const { seq: upTo } = since!;
    const complete = upTo < state.first;
    const answer = { ...positions(room, state), upTo, messages: [], complete, reason };
    return { answer, begin: () => startAt(since!) };
  }
  const { epoch, head: upTo } = state;
  const answer = { ...positions(room, state), upTo, ...feed.page(), reason };
  return { answer, begin: () => startAt({ epoch, seq: upTo }) };
}

/**
 * The same for `hello`: without a page. A room with `since` is joined only if its run goes on there.
 * Undefined for a room that may not be joined.
 */
export async function resume(
  deps: JoinDeps,
  session: Session,
  room: string,
  since?: Position,
): Promise<Joining<HelloRoom> | undefined> {
  if (!deps.mayEnter(session.user, session.rights, room)) return undefined;
  const { feed, startAt, startDegraded } = hold(deps, session, room);
  try {
    const state = await locate(deps.log, feed, since);
    const reason = continuation(since, state);
    const { epoch, head, n } = state;
    const upTo = reason === 'none' ? since!.seq : head;
    if (since && reason !== 'none') end(deps, session, room);
    return { answer: { room, epoch, head, n, upTo, reason }, begin: () => startAt({ epoch, seq: upTo }) };
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    if (since) end(deps, session, room);
    const nowhere = { epoch: null, head: null, n: null, upTo: null };
    return { answer: { room, ...nowhere, reason: 'degraded' }, begin: () => startDegraded(undefined) };
  }
}

/** Nothing of the room is sent on this connection from now on. */
export function end({ rooms, watchers }: JoinDeps, session: Session, room: string): void {
  const joined = session.joined.get(room);
  if (!joined) return;
  session.joined.delete(room);
  joined.fanout.remove(joined.cursor);
  rooms.release(joined.fanout);
  if (joined.watched) for (const watcher of watchers) watcher.ended(session, room);
}

/**
 * Puts a new, paused cursor in the place of any old one. It starts only if it is still in place then, and no
 * further join has been received. Throws if the connection has ended: nobody would remove it any more.
 */
function hold({ rooms, watchers }: JoinDeps, session: Session, room: string) {
  if (session.closed) throw new ChatError('unavailable');
  const fanout = rooms.get(room);
  const old = session.joined.get(room);
  if (old) fanout.remove(old.cursor);
  const cursor = new Cursor(session.connection);
  const joined = { fanout, cursor, watched: old?.watched ?? false };
  session.joined.set(room, joined);
  fanout.add(cursor);
  const starting = (start: () => void): void => {
    if (session.joined.get(room) !== joined || session.awaitsJoin(room)) return;
    start();
    if (!joined.watched) for (const watcher of watchers) watcher.joined(session, room);
    joined.watched = true;
  };
  return {
    feed: fanout.feed,
    pending: () => fanout.pending(),
    isHeld: () => session.joined.get(room) === joined,
    startAt: (position: Position) => starting(() => fanout.start(cursor, position)),
    startDegraded: (since: Position | undefined) => starting(() => fanout.startDegraded(cursor, since)),
  };
}

/** The state of the log: from the feed where that is certain, else from the log. */
async function locate(log: RoomLog, feed: Feed, since: Position | undefined): Promise<LogState> {
  if (!log.available(feed.room)) throw new ChatError('unavailable');
  if (!feed.isOpen) await feed.open();
  // What this server does not know, another one may have told the client.
  const beyond = since && (since.epoch !== feed.epoch || since.seq > feed.head);
  if (beyond) await feed.catchUp();
  return stateOf(feed);
}

function stateOf({ epoch, first, head, n }: Feed): LogState {
  return { epoch: epoch!, first, head, n };
}

function positions(room: string, { epoch, first, head }: LogState) {
  return { room, epoch, first, head };
}

function undefinedIfUnavailable(error: unknown): undefined {
  if (!isUnavailable(error)) throw error;
}
