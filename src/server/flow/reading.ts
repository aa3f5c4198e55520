import { ChatError } from '../../protocol/codes';
import { roomName } from '../../protocol/names';
import type { ActionDeps, Handlers, Reply } from './handlers';
import { history } from './history';
import { search } from './search';
import type { Session } from './session';

/** What reads a room's log. */
export function reading(deps: ActionDeps): Handlers<'history' | 'search'> {
  const { log } = deps;
  return {
    history: (session, { room: name, ...request }) =>
      read(deps, session, name, (room) => {
        session.takeJoin(); // a page of messages costs Redis about what a join does
        return history(log, room, request);
      }),
    search: (session, { room: name, ...request }) =>
      read(deps, session, name, (room, mayGoOn) => {
        const mayReadPage = (): void => {
          mayGoOn();
          session.takeJoin();
        };
        return search(log, room, request, mayReadPage);
      }),
  };
}

/**
 * Reads something of a room, one thing at a time for a connection. Throws `not_a_member` for who may not read it, or
 * not any more when it has been read; `draining` for what still waits when the server is to stop.
 */
export function read(
  { isDraining }: Pick<ActionDeps, 'isDraining'>,
  session: Session,
  name: string,
  step: (room: string, mayGoOn: () => void) => Promise<object>,
): Promise<Reply> {
  const room = roomName(name);
  const mayGoOn = (): void => {
    if (session.closed) throw new ChatError('unavailable');
    if (!session.mayRead(room)) throw new ChatError('not_a_member');
    if (isDraining()) throw new ChatError('draining');
  };
  return session.inTurn(room, false, () =>
    session.inReadingOrder(async () => {
      mayGoOn();
      const answer = await step(room, mayGoOn);
      mayGoOn();
      return { answer };
    }),
  );
}
