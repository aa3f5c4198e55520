import { Manager } from 'socket.io-client';
import type { Auth } from '../protocol/schemas';
import type { ChatOptions } from './api';
import type { ChatSocket } from './wire';

type Transports = NonNullable<ChatOptions['transports']>;

interface Hooks {
  /** What to present on a connection that just opened. */
  auth(): Auth | Promise<Auth>;
  /** There is nothing to present at the moment. */
  withoutAuth(): void;
}

export interface OneSocket {
  socket: ChatSocket;
  /** The next connection asks for this server; nginx decides. */
  prefer(server: string | undefined): void;
}

/** A Socket.IO socket that is not connected yet. */
export function openSocket({ url, transports }: ChatOptions, hooks: Hooks): OneSocket {
  const order: Transports = transports ?? ['polling', 'websocket'];
  const manager = new Manager(url, {
    path: '/socket.io/',
    autoConnect: false,
    // Its longest delay has no jitter, and after a disconnect by the server it does not come back.
    reconnection: false,
    transports: order,
    // A server that takes WebSocket alone refuses to begin by polling, and the other way round.
    tryAllTransports: true,
  });
  manager.on('open', () => {
    const first = manager.engine.transport.name;
    manager.opts.transports = [...order].sort((a, b) => Number(b === first) - Number(a === first));
  });
  const auth = (give: (auth: Auth) => void): void => present(manager, hooks, give);
  const prefer = (server: string | undefined): void => {
    manager.opts.query = server === undefined ? {} : { server };
  };
  return { socket: manager.socket('/', { auth }), prefer };
}

/** Gives it at once if it is there; later only if the connection that asked is still the one. */
function present(manager: Manager, { auth, withoutAuth }: Hooks, give: (auth: Auth) => void): void {
  const { engine } = manager;
  const asks = (): boolean => manager.engine === engine && engine.readyState === 'open';
  const known = auth();
  if (!(known instanceof Promise)) return give(known);
  known.then(
    (later) => asks() && give(later),
    () => asks() && withoutAuth(),
  );
}
