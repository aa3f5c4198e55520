import { randomUUID } from 'node:crypto';
import { ChatError } from '../../protocol/codes';
import type { EntryBody, Ref } from '../../protocol/entries';
import type { SendAnswer } from '../../protocol/events';
import { LOBBY, MAX_EDITS, MAX_EMOJI_KINDS, MAX_REACTIONS } from '../../protocol/limits';
import { checkEmoji, checkText, roomName } from '../../protocol/names';
import type { SendMessage } from '../../protocol/schemas';
import type { AppendResult } from '../roomlog/types';
import type { Accepted } from './append';
import type { ActionDeps, Handlers, Reply } from './handlers';
import type { Session } from './session';

type Sending = 'sendMessage' | 'editMessage' | 'deleteMessage' | 'react';

/** What adds an entry to a room's log. */
export function sending(deps: ActionDeps): Handlers<Sending> {
  return {
    sendMessage: (session, payload) => {
      const { room, text, id, replyTo } = messageOf(payload);
      checkText(text);
      return add(deps, session, room, id, () => ({ kind: 'message', text, ...(replyTo && { replyTo }) }));
    },
    editMessage: (session, { room, target, text, id }) => {
      checkText(text);
      return add(deps, session, room, id, () => {
        checkAuthor(session, target, false);
        return { kind: 'edit', target, text };
      });
    },
    deleteMessage: (session, { room, target, id }) =>
      add(deps, session, room, id, () => {
        checkAuthor(session, target, session.rights.role === 'moderator');
        return { kind: 'delete', target };
      }),
    react: (session, { room, target, emoji, on, id }) => {
      checkEmoji(emoji);
      return add(deps, session, room, id, () => ({ kind: 'reaction', target, emoji, on }));
    },
  };
}

const messageOf = (payload: SendMessage): Exclude<SendMessage, string> =>
  typeof payload === 'string' ? { room: LOBBY, text: payload } : payload;

/** People change their own messages; nobody puts words into the mouth of another. */
function checkAuthor({ user }: Session, { from }: Ref, mayChangeOthers: boolean): void {
  if (from !== user.id && !mayChangeOthers) throw new ChatError('forbidden', 'it is not your message');
}

type Content<B = EntryBody> = B extends EntryBody ? Omit<B, 'id' | 'from' | 'at'> : never;

/** `contentOf` is asked in the turn of the entry; it may refuse by throwing ChatError. */
function add(
  { appender }: ActionDeps,
  session: Session,
  name: string,
  id: string = randomUUID(),
  contentOf: () => Content,
): Promise<Reply> {
  const room = roomName(name);
  return session.inTurn(room, false, async () => {
    if (!session.joined.has(room)) throw new ChatError('not_a_member');
    session.takeSend();
    const body: EntryBody = { id, from: session.user, at: Date.now(), ...contentOf() };
    return { answer: answerTo(id, room, await appender.append(room, body)) };
  });
}

/** Throws for what the log refused. */
function answerTo(id: string, room: string, accepted: Accepted): SendAnswer {
  const { status, at } = accepted;
  if (status === 'queued') return { id, room, status, at };
  refuse(status);
  const { epoch, seq } = accepted;
  return { id, room, status: 'committed', epoch, seq, at };
}

const tooMany = `at most ${MAX_EDITS} edits, ${MAX_EMOJI_KINDS} emoji and ${MAX_REACTIONS} reactions of a message`;

function refuse(status: AppendResult['status']): void {
  if (status === 'conflict') throw new ChatError('id_conflict');
  if (status === 'no_target') throw new ChatError('not_found', 'there is no such message');
  if (status === 'full') throw new ChatError('too_large', tooMany);
}
