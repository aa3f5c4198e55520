import type { Socket } from 'socket.io-client';
import { codes, type Code, type WireError } from '../protocol/codes';
import type { ClientToServer, ServerToClient } from '../protocol/events';

/** Comes before a deliberate close. The code is of the catalogue or a reason of the server's own. */
export type Bye = Parameters<ServerToClient['bye']>[0];

export type Incoming = ServerToClient;

export type ChatSocket = Socket<Incoming, ClientToServer>;

export type Request = keyof ClientToServer;
export type Payload<R extends Request> = Parameters<ClientToServer[R]>[0];
export type AnswerTo<R extends Request> = Parameters<NonNullable<Parameters<ClientToServer[R]>[1]>>[0];

/** Asking again the same way would give the same answer. Codes of a newer server count as final too. */
export function isFinal(code: string): boolean {
  return !Object.hasOwn(codes, code) || codes[code as Code].final;
}

/** The error behind a `bye` that ends the session for good, such as `kicked`; other codes only close a connection. */
export function ending({ code, message }: Bye): WireError | undefined {
  return Object.hasOwn(codes, code) && isFinal(code) ? { code: code as Code, message } : undefined;
}

/** The error object of a refused connection, if it carries one. */
export function refusal(error: Error & { data?: unknown }): WireError | undefined {
  const data = error.data as Partial<WireError> | null | undefined;
  if (typeof data?.code !== 'string' || typeof data.message !== 'string') return undefined;
  return data as WireError;
}
