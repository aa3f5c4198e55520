import { ChatError } from '../../protocol/codes';
import { roomName } from '../../protocol/names';
import type { ActionDeps, Handlers } from './handlers';
import { history } from './history';

/** What reads a room's log. */
export function reading({ log }: ActionDeps): Handlers<'history'> {
  return {
    history: (session, { room: name, ...request }) => {
      const room = roomName(name);
      return session.inTurn(room, false, async () => {
        if (!session.mayRead(room)) throw new ChatError('not_a_member');
        return { answer: await session.inReadingOrder(() => history(log, room, request)) };
      });
    },
  };
}
