/**
 * The one catalogue of error codes. The code is the contract, the message text may change.
 * `final`: asking again the same way gives the same answer. The others carry `retryAfterMs`:
 * ask again, with the same id.
 */
export const codes = {
  invalid: { final: true, meaning: 'The payload does not have the documented shape.' },
  forbidden: { final: true, meaning: 'You may not do this here.' },
  not_a_member: { final: true, meaning: 'Join the room on this connection first.' },
  not_found: { final: true, meaning: 'There is no such thing.' },
  id_conflict: { final: true, meaning: 'This id was used for another content.' },
  too_large: { final: true, meaning: 'Over a documented limit.' },
  unknown_event: { final: true, meaning: 'The server knows no such event.' },
  auth_required: { final: true, meaning: 'Guests are not allowed here: present a token.' },
  auth_invalid: { final: true, meaning: 'The token is not valid here.' },
  auth_expired: { final: true, meaning: 'The token is over: get a new one.' },
  kicked: { final: true, meaning: 'An operator ended this session.' },
  epoch_changed: { final: true, meaning: 'The log of the room began anew: join again.' },
  rate_limited: { final: false, meaning: 'Too many in too short a time.' },
  overloaded: { final: false, meaning: 'The server has too much to do.' },
  unavailable: { final: false, meaning: 'The store does not answer at the moment.' },
  draining: { final: false, meaning: 'This server is about to stop.' },
} as const;

export type Code = keyof typeof codes;

/** The error object of every refusal: in answers, and in `err.data` of a refused connection. */
export interface WireError {
  code: Code;
  message: string;
  /** Milliseconds after which asking again makes sense. Present exactly when the code is not final. */
  retryAfterMs?: number;
}

const RETRY_AFTER_MS = 1_000;

/** An error that is meant for the client: thrown anywhere on the way of an event, answered by the wrapper. */
export class ChatError extends Error {
  constructor(
    readonly code: Code,
    detail?: string,
    readonly retryAfterMs: number = RETRY_AFTER_MS,
  ) {
    super(detail ?? codes[code].meaning);
    this.name = 'ChatError';
  }

  toWire(): WireError {
    const { code, message } = this;
    return codes[code].final ? { code, message } : { code, message, retryAfterMs: this.retryAfterMs };
  }
}

/** Whether an operation failed because the store is away: it may work later. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof ChatError && error.code === 'unavailable';
