import { ChatError } from '../../protocol/codes';
import type { ReadAnswer } from '../../protocol/events';
import type { MarkRead } from '../../protocol/schemas';
import type { ReadMark } from '../people/types';
import type { LogState } from '../roomlog/types';
import type { ActionDeps, Handlers } from './handlers';
import { read } from './reading';
import type { Session } from './session';

/** For steps of no room: only held until `hello`. */
const NO_ROOM = '';

/** What a user keeps beyond a connection: his rooms, and how far he has read. */
export function membership(deps: ActionDeps): Handlers<'rooms' | 'openDirect' | 'markRead'> {
  const { people, directRoom } = deps;
  return {
    rooms: (session) =>
      session.inTurn(NO_ROOM, false, async () => {
        session.takeJoin();
        return { answer: { rooms: await session.inReadingOrder(() => people.rows(session)) } };
      }),
    openDirect: (session, { user }) =>
      session.inTurn(NO_ROOM, false, async () => {
        const other = user.normalize('NFC');
        const room = directRoom(session.user.id, other);
        session.takeJoin();
        people.openDirect(session, other, room);
        return { answer: { room } };
      }),
    markRead: (session, { room: name, ...position }) =>
      read(deps, session, name, (room) => markRead(deps, session, { room, ...position })),
  };
}

async function markRead(
  { log, people }: ActionDeps,
  session: Session,
  wanted: MarkRead,
): Promise<ReadAnswer> {
  if (!log.available(wanted.room)) throw new ChatError('unavailable');
  const { mark, n } = placeInMemory(session, wanted) ?? (await placeInLog(log, wanted));
  const { inForce, kept } = await people.mark(session, wanted.room, mark);
  const { room } = wanted;
  const { epoch, seq } = inForce;
  // Another server may have been further ahead than this one when it was marked there.
  const unread = Math.max(0, n - inForce.n);
  if (kept && seq === mark.seq) people.tellOthers(session, { room, epoch, seq, unread });
  return { room, seq, unread };
}

/** What is marked, and the number of messages up to head. */
interface Marking {
  mark: ReadMark;
  n: number;
}

/** The usual case, people who read what comes: without asking the log. */
function placeInMemory(session: Session, { room, epoch, seq }: MarkRead): Marking | undefined {
  const feed = session.joined.get(room)?.fanout.feed;
  if (!feed?.isOpen || feed.epoch !== epoch || seq > feed.head) return undefined;
  const n = seq === feed.head ? feed.n : feed.since(seq - 1, 1)?.[0]?.n;
  return n === undefined ? undefined : { mark: { epoch, seq, n }, n: feed.n };
}

async function placeInLog(log: ActionDeps['log'], { room, epoch, seq: asked }: MarkRead): Promise<Marking> {
  const { entries, ...state } = await log.readBefore(room, asked + 1, 1);
  if (epoch !== state.epoch) throw new ChatError('epoch_changed');
  const seq = Math.min(asked, state.head);
  const n = entries[0]?.n ?? (await nBeforeFirst(log, room, state));
  return { mark: { epoch, seq, n }, n: state.n };
}

/** Messages up to what the log has trimmed. */
async function nBeforeFirst(log: ActionDeps['log'], room: string, { first, n }: LogState): Promise<number> {
  const { entries } = await log.readAfter(room, first - 1, 1);
  const [oldest] = entries;
  if (!oldest) return n;
  return oldest.kind === 'message' ? oldest.n - 1 : oldest.n;
}
