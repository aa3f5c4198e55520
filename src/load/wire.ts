import type { Socket } from 'socket.io-client';
import type { ClientToServer, ServerToClient } from '../protocol/events';

/** The events of clients that always want an answer. */
type Asking = { [E in keyof ClientToServer]: (...args: Required<Parameters<ClientToServer[E]>>) => void };

export type ClientSocket = Socket<ServerToClient, Asking>;

/** After this long without an acknowledgement nobody knows what became of an event. */
export const ANSWER_WITHIN_MS = 10_000;
