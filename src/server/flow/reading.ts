import { ChatError } from '../../protocol/codes';
import type { HistoryAnswer } from '../../protocol/events';
import { roomName } from '../../protocol/names';
import type { ActionDeps, Handlers, Reply } from './handlers';
import { history } from './history';
import { search } from './search';
import type { Session } from './session';

/** What reads a room's log. */
export function reading({ log }: ActionDeps): Handlers<'history' | 'search'> {
  return {
    history: (session, { room: name, ...request }) =>
      read(session, name, (room) => history(log, room, request)),
    search: (session, { room: name, ...request }) =>
      read(session, name, (room) => search(log, room, request)),
  };
}

function read(
  session: Session,
  name: string,
  page: (room: string) => Promise<HistoryAnswer>,
): Promise<Reply> {
  const room = roomName(name);
  return session.inTurn(room, false, async () => {
    if (!session.mayRead(room)) throw new ChatError('not_a_member');
    return { answer: await session.inReadingOrder(() => page(room)) };
  });
}
