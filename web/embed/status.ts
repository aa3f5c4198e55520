import type { ChatState, RoomState } from '../../src/client';
import type { Words } from '../src/words';

const SESSION_OVER = ['auth_expired', 'auth_invalid'];

/** What is to be said of the connection; '' if there is nothing to say. `late`: it is away for a while now. */
export function statusOf(chat: ChatState, room: RoomState, late: boolean, words: Words): string {
  if (chat.kind === 'refused') {
    const { code } = chat.error;
    if (code === 'invalid') return words.badName;
    if (code === 'auth_required') return words.signInNeeded;
    return SESSION_OVER.includes(code) ? words.expired : (words.reason(code) ?? words.refused);
  }
  if (late) return chat.kind === 'connecting' ? words.connecting : words.reconnecting;
  if (room.kind === 'refused') return words.roomRefused;
  return '';
}
