import { ChatError } from '../../protocol/codes';
import type { ActionDeps, Handlers } from './handlers';
import { end } from './join';

/** Not the name of any room: refreshes of one connection are carried out in a row, after `hello`. */
const NO_ROOM = '';

/** What lets a session outlive its token. A refused token leaves everything as it was. */
export function renewing(deps: ActionDeps): Handlers<'refreshToken'> {
  return {
    refreshToken: (session, { token }) =>
      session.inTurn(NO_ROOM, true, async () => {
        const { user, rights, expiresAt } = await deps.verify(token);
        if (session.closed) throw new ChatError('unavailable');
        if (user.id !== session.user.id) throw new ChatError('forbidden', 'a token of another user');
        session.rights = rights;
        for (const room of session.readable()) {
          if (deps.mayEnter(session.user, rights, room)) continue;
          end(deps, session, room);
          session.setDetached(room, false);
        }
        session.lifetime?.until(expiresAt);
        return { answer: { expiresAt } };
      }),
  };
}
