import { randomUUID } from 'node:crypto';
import { ChatError } from '../../protocol/codes';
import type { MessageBody, User } from '../../protocol/entries';
import type { SendAnswer } from '../../protocol/events';
import { LOBBY } from '../../protocol/limits';
import { checkText, roomName } from '../../protocol/names';
import type { ClientEvent, SendMessage } from '../../protocol/schemas';
import type { Appender } from './append';
import { history } from './history';
import { end, join, type JoinDeps, type Joining } from './join';
import type { Session } from './session';
import { validate } from './validate';

export interface Reply {
  answer: object;
  /** What follows once the answer has been sent. */
  begin?: () => void;
}

/** Carries out one event. Throws ChatError, and nothing else that a client could cause. */
export type Actions = (session: Session, event: ClientEvent, payload: unknown) => Promise<Reply>;

export interface ActionDeps extends JoinDeps {
  appender: Appender;
}

/** What each client event does. Payloads are checked, room names normalised, steps for one room kept in order. */
export function createActions(deps: ActionDeps): Actions {
  return async (session, event, payload) => {
    switch (event) {
      case 'sendMessage': {
        const message = messageOf(validate(event, payload));
        return session.inTurn(message.room, false, () => send(deps, session, message));
      }
      case 'join': {
        const { room: name, since } = validate(event, payload);
        const room = roomName(name);
        session.receiveJoin(room);
        return answered(session, room, () =>
          session.inTurn(room, true, () => join(deps, session, room, since)),
        );
      }
      case 'history': {
        const { room: name, ...request } = validate(event, payload);
        const room = roomName(name);
        return session.inTurn(room, false, async () => {
          if (!session.mayRead(room)) throw new ChatError('not_a_member');
          return { answer: await session.inReadingOrder(() => history(deps.log, room, request)) };
        });
      }
      case 'detach':
      case 'leave': {
        const room = roomName(validate(event, payload).room);
        return session.inTurn(room, true, async () => {
          const wasReadable = session.mayRead(room);
          end(deps.rooms, session, room);
          session.setDetached(room, wasReadable && event === 'detach');
          return { answer: { room } };
        });
      }
    }
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

type Message = Exclude<SendMessage, string>;

function messageOf(payload: SendMessage): Message {
  const message = typeof payload === 'string' ? { room: LOBBY, text: payload } : payload;
  checkText(message.text);
  return { ...message, room: roomName(message.room) };
}

async function send({ appender }: ActionDeps, session: Session, message: Message): Promise<Reply> {
  const { room } = message;
  if (!session.joined.has(room)) throw new ChatError('not_a_member');
  session.takeSend();
  const body = bodyOf(session.user, message);
  const { status, epoch, seq, at } = await appender.append(room, body);
  if (status === 'conflict') throw new ChatError('id_conflict');
  const answer: SendAnswer = { id: body.id, room, status: 'committed', epoch, seq, at };
  return { answer };
}

function bodyOf(from: User, { id, text, replyTo }: Message): MessageBody {
  const body: MessageBody = { id: id ?? randomUUID(), kind: 'message', from, at: Date.now(), text };
  if (replyTo) body.replyTo = replyTo;
  return body;
}
