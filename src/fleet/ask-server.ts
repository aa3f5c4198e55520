import { serverUrl } from './address';
import type { PlannedServer } from './plan';

// Longer than a server waits for the others.
const ANSWER_WITHIN_MS = 6_000;

/** What proves to the servers that it is the operator who asks. */
export interface Operator {
  servers: PlannedServer[];
  secret: string;
}

const meaning: Record<number, string> = {
  400: 'it does not understand the request',
  401: 'it was started with other secrets than those under var/',
  404: 'it is of a version that cannot do this',
  503: 'Redis, where the list of bans lies, does not answer',
};

/** Why a server did not do what the operator asked of it. */
export class Unanswered extends Error {
  /** @param isSilent it gave no answer at all: it is dead, or frozen */
  constructor(
    message: string,
    readonly isSilent: boolean,
  ) {
    super(message);
    this.name = 'Unanswered';
  }
}

/** The answer of one server to what the operator asks of it. Rejects with Unanswered. */
export async function askServer<T>(
  server: PlannedServer,
  secret: string,
  what: string,
  body?: object,
  withinMs = ANSWER_WITHIN_MS,
): Promise<T> {
  const headers = { Authorization: `Bearer ${secret}`, ...(body && { 'Content-Type': 'application/json' }) };
  const post = body && { method: 'POST', body: JSON.stringify(body) };
  const signal = AbortSignal.timeout(withinMs);
  const { name, port } = server;
  const response = await fetch(serverUrl(server, `/operator/${what}`), {
    ...post,
    headers,
    signal,
  }).catch(() => undefined);
  if (!response) throw new Unanswered(`${name}: no answer on port ${port}`, true);
  if (response.ok) return (await response.json()) as T;
  throw new Unanswered(`${name}: ${meaning[response.status] ?? `status ${response.status}`}`, false);
}
