import type { ClientEvent, Payloads } from '../../protocol/schemas';
import { joining } from './joining';
import { presence } from './presence';
import { reading } from './reading';
import { renewing } from './renewing';
import { sending } from './sending';
import type { ActionDeps, Handlers, Reply } from './handlers';
import type { Session } from './session';
import { validate } from './validate';

/** Carries out one event. Throws ChatError, and nothing else that a client could cause. */
export type Actions = (session: Session, event: ClientEvent, payload: unknown) => Promise<Reply>;

/** What each client event does. Payloads are checked, room names normalised, steps for one room kept in order. */
export function createActions(deps: ActionDeps): Actions {
  const handlers: Handlers = {
    ...sending(deps),
    ...joining(deps),
    ...reading(deps),
    ...presence(deps),
    ...renewing(deps),
  };
  return async (session, event, payload) => carryOut(handlers, session, event, payload);
}

function carryOut<E extends ClientEvent>(
  handlers: Handlers,
  session: Session,
  event: E,
  payload: unknown,
): Promise<Reply> {
  return handlers[event](session, validate(event, payload) as Payloads[E]);
}
