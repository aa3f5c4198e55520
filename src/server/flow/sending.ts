import { randomUUID } from 'node:crypto';
import { ChatError } from '../../protocol/codes';
import type { EntryBody, MessageBody, User } from '../../protocol/entries';
import type { SendAnswer } from '../../protocol/events';
import { LOBBY } from '../../protocol/limits';
import { checkText, roomName } from '../../protocol/names';
import type { SendMessage } from '../../protocol/schemas';
import type { ActionDeps, Handlers, Reply } from './handlers';
import type { Session } from './session';

type Message = Exclude<SendMessage, string>;

/** What adds an entry to a room's log. */
export function sending(deps: ActionDeps): Handlers<'sendMessage'> {
  return {
    sendMessage: (session, payload) => {
      const message = messageOf(payload);
      return add(deps, session, message.room, () => bodyOf(session.user, message));
    },
  };
}

/** `bodyOf` may refuse, by throwing ChatError. */
function add(
  { appender }: ActionDeps,
  session: Session,
  room: string,
  bodyOf: () => EntryBody,
): Promise<Reply> {
  return session.inTurn(room, false, async () => {
    if (!session.joined.has(room)) throw new ChatError('not_a_member');
    session.takeSend();
    const body = bodyOf();
    const { status, epoch, seq, at } = await appender.append(room, body);
    if (status === 'conflict') throw new ChatError('id_conflict');
    const answer: SendAnswer = { id: body.id, room, status: 'committed', epoch, seq, at };
    return { answer };
  });
}

function messageOf(payload: SendMessage): Message {
  const message = typeof payload === 'string' ? { room: LOBBY, text: payload } : payload;
  checkText(message.text);
  return { ...message, room: roomName(message.room) };
}

function bodyOf(from: User, { id, text, replyTo }: Message): MessageBody {
  const body: MessageBody = { id: id ?? randomUUID(), kind: 'message', from, at: Date.now(), text };
  if (replyTo) body.replyTo = replyTo;
  return body;
}
