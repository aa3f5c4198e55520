import type { Session } from './session';
import type { Position } from '../../protocol/entries';
import { roomName } from '../../protocol/names';
import { end, join, type JoinDeps, type Joining } from './join';
import type { ActionDeps, Handler, Handlers, Reply } from './handlers';

/** What begins and ends the run of a room on one connection, and a membership. */
export function joining(deps: ActionDeps): Handlers<'join' | 'detach' | 'leave'> {
  return {
    join: (session, { room: name, since }) => {
      const room = roomName(name);
      session.receiveJoin(room);
      return answered(session, room, () =>
        session.inTurn(room, true, () => joinAsMember(deps, session, room, since)),
      );
    },
    detach: ending(deps, (session, room, wasReadable) => session.setDetached(room, wasReadable)),
    leave: ending(deps, (session, room, wasReadable) => {
      if (!wasReadable) session.takeJoin(); // otherwise its join has paid
      session.setDetached(room, false);
      deps.people.left(session, room);
    }),
  };
}

/** Unlike a resume, which must not bring back what was left on another device. */
async function joinAsMember(
  deps: ActionDeps,
  session: Session,
  room: string,
  since: Position | undefined,
): Promise<Joining<object>> {
  await session.connection.drained(); // a page is large: who does not read gets no further one
  deps.people.checkJoin(session, room);
  const { answer, begin } = await join(deps, session, room, since);
  const start = (): void => {
    begin();
    if (session.joined.has(room)) deps.people.joined(session, room);
  };
  return { answer, begin: start };
}

function ending(
  deps: JoinDeps,
  afterwards: (session: Session, room: string, wasReadable: boolean) => void,
): Handler<'detach' | 'leave'> {
  return (session, { room: name }) => {
    const room = roomName(name);
    return session.inTurn(room, true, async () => {
      const wasReadable = session.mayRead(room);
      end(deps, session, room);
      afterwards(session, room, wasReadable);
      return { answer: { room } };
    });
  };
}

/** However a received join ends, refused at once or answered, the room may be heard again then. */
async function answered(
  session: Session,
  room: string,
  join: () => Promise<Joining<object>>,
): Promise<Reply> {
  try {
    const { answer, begin } = await join();
    const start = (): void => {
      session.answerJoin(room);
      begin();
    };
    return { answer, begin: start };
  } catch (error) {
    session.answerJoin(room);
    throw error;
  }
}
