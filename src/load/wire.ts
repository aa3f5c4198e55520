import type { Socket } from 'socket.io-client';
import type { Incoming } from '../client/wire';
import type { Answer, ClientToServer, SendAnswer } from '../protocol/events';
import type { Send } from './journal';

/** The events of clients that always want an answer. */
type Asking = { [E in keyof ClientToServer]: (...args: Required<Parameters<ClientToServer[E]>>) => void };

export type ClientSocket = Socket<Incoming, Asking>;

/** After this long without an acknowledgement nobody knows what became of an event. */
export const ANSWER_WITHIN_MS = 10_000;

type Heard = (timeout: Error | null, answer: Answer<SendAnswer>) => void;
type Emitting = Pick<ReturnType<ClientSocket['timeout']>, 'emit'>;

/** Hands it over by the event of its kind; a message without an id as a plain string to the lobby. */
export function emitSend(socket: Emitting, send: Send, heard: Heard): void {
  const { room, id } = send;
  const where = { room, ...(id !== undefined && { id }) };
  switch (send.kind) {
    case 'message':
      return void socket.emit(
        'sendMessage',
        id === undefined ? send.text : { ...where, text: send.text },
        heard,
      );
    case 'edit':
      return void socket.emit('editMessage', { ...where, target: send.target, text: send.text }, heard);
    case 'delete':
      return void socket.emit('deleteMessage', { ...where, target: send.target }, heard);
    case 'reaction': {
      const { target, emoji, on } = send;
      return void socket.emit('react', { ...where, target, emoji, on }, heard);
    }
  }
}
