import type { TSchema } from '@sinclair/typebox';
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler';
import { ChatError } from '../../protocol/codes';
import { Auth, clientEvents, type ClientEvent, type Payloads } from '../../protocol/schemas';

const events = new Map<string, TypeCheck<TSchema>>(
  Object.entries(clientEvents).map(([event, schema]) => [event, TypeCompiler.Compile(schema)]),
);
const auth = TypeCompiler.Compile(Auth);

export function isClientEvent(event: unknown): event is ClientEvent {
  return typeof event === 'string' && events.has(event);
}

/** Step 2 of a message's way: an unknown payload to a typed one. Throws `invalid`, naming the first fault. */
export function validate<E extends ClientEvent>(event: E, payload: unknown): Payloads[E] {
  return checked(events.get(event)!, payload) as Payloads[E];
}

export function validateAuth(payload: unknown): Auth {
  return checked(auth, payload ?? {}) as Auth;
}

function checked(check: TypeCheck<TSchema>, payload: unknown): unknown {
  if (check.Check(payload)) return payload;
  const fault = check.Errors(payload).First();
  throw new ChatError(
    'invalid',
    fault ? `${fault.path.slice(0, 80) || 'payload'}: ${fault.message}` : undefined,
  );
}
