import type { ClientEvent, Payloads } from '../../protocol/schemas';
import type { Appender } from './append';
import type { JoinDeps } from './join';
import type { Presence } from '../presence/types';
import type { People } from './people';
import type { Session } from './session';
import type { Load, RelayTyping, VerifyToken } from './types';

export interface Reply {
  answer: object;
  /** What follows once the answer has been sent. */
  begin?: () => void;
}

/** Carries out one event whose payload has the right shape. Throws ChatError, also before it returns. */
export type Handler<E extends ClientEvent> = (session: Session, payload: Payloads[E]) => Promise<Reply>;
export type Handlers<E extends ClientEvent = ClientEvent> = { [K in E]: Handler<K> };

export interface ActionDeps extends JoinDeps {
  appender: Appender;
  /** Whether the server is about to stop: what waits is not begun any more. */
  isDraining: () => boolean;
  load: Pick<Load, 'sheds'>;
  verify: VerifyToken;
  presence: Presence;
  relayTyping: RelayTyping;
  people: People;
  /** The name of the room of two users alone. */
  directRoom: (userId: string, other: string) => string;
}
