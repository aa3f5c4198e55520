import { ChatError } from '../../protocol/codes';
import { MAX_ROOMS } from '../../protocol/limits';
import { roomName } from '../../protocol/names';
import type { ActionDeps, Handlers } from './handlers';
import { read } from './reading';
import type { Session } from './session';
import { TokenBucket } from './token-bucket';
import { TypingThrottle } from './typing-throttle';

/** However many people type in a room, each server tells so much of it. */
const ROOM_PER_SECOND = 10;
const ROOM_AT_ONCE = 20;
const ROOMS_REMEMBERED = 10_000;

/** Who is here, and who is typing. */
export function presence(deps: ActionDeps): Handlers<'typing' | 'members'> {
  const passes = typingThrottles();
  return {
    typing: (session, { room: name, active }) => {
      const room = roomName(name);
      return session.inTurn(room, false, async () => {
        if (!session.joined.has(room)) throw new ChatError('not_a_member');
        const isHeard = !deps.load.sheds('typing') && !deps.presence.isLarge(room);
        if (isHeard && passes(session, room, active))
          deps.relayTyping(session.connection, { room, user: session.user, active });
        return { answer: {} };
      });
    },
    members: (session, { room, cursor }) =>
      read(deps, session, room, (spelled) => deps.presence.members(spelled, cursor)),
  };
}

/** Whether others are to be told: limited for each connection and room, and for each room. */
function typingThrottles(): (session: Session, room: string, active: boolean) => boolean {
  const sessions = new WeakMap<Session, Map<string, TypingThrottle>>();
  const rooms = new Map<string, TokenBucket>();
  return (session, room, active) => {
    const own = sessions.get(session) ?? new Map<string, TypingThrottle>();
    sessions.set(session, own);
    if (!remembered(own, room, MAX_ROOMS, () => new TypingThrottle()).passes(active)) return false;
    const newBucket = (): TokenBucket =>
      new TokenBucket(ROOM_PER_SECOND, ROOM_AT_ONCE, () => performance.now());
    return remembered(rooms, room, ROOMS_REMEMBERED, newBucket).take() === 0;
  };
}

/** The value of this key, made if there is none; the oldest is forgotten when there are too many. */
function remembered<V>(values: Map<string, V>, key: string, most: number, make: () => V): V {
  const value = values.get(key) ?? make();
  values.set(key, value);
  const [oldest] = values.keys();
  if (values.size > most && oldest !== undefined) values.delete(oldest);
  return value;
}
