import type { Moved } from '../flow/activity';
import type { Session } from '../flow/session';
import type { ServerToClient } from '../../protocol/events';
import { SocketConnection } from './connection';
import type { ChatIo, ChatSocket } from './sockets';

type Typing = Parameters<ServerToClient['typing']>[0];

/**
 * What servers tell each other through Socket.IO's adapter. Each of them may be lost. Servers of an older and a newer
 * version hear each other during a deploy: a name means one shape for ever, and what changes gets a new name, which
 * servers that do not know it ignore.
 */
export interface PeerEvents {
  activity: (batch: Moved[]) => void;
  membership: (userId: string, room: string, member: boolean) => void;
  /** The user's connections are to be ended; answered with their number. */
  kick: (userId: string, answer: (connections: number) => void) => void;
  /** Who is present in these rooms has changed. */
  presence: (rooms: string[]) => void;
  /** Somebody on another server types. */
  typing: (typing: Typing) => void;
  /** The list of bans has changed. */
  bans: () => void;
}

/** The Socket.IO room of all connections of a user that have got `hello`. */
export const userChannel = (userId: string): string => `user:${userId}`;

export function joinUserChannel({ connection, user }: Session): void {
  if (connection instanceof SocketConnection) void connection.socket.join(userChannel(user.id));
}

/** Whether it has got `hello`. */
export const isGreeted = (socket: ChatSocket): boolean => socket.rooms.has(userChannel(socket.data.user.id));

/** To the user's other connections, on all servers. */
export function tellOthers(session: Session, read: Parameters<ServerToClient['read']>[0]): void {
  const { connection, user } = session;
  if (connection instanceof SocketConnection) connection.socket.to(userChannel(user.id)).emit('read', read);
}

/** Listens to the other servers. A server does not hear itself. */
export function listenToPeers(io: ChatIo, listeners: PeerEvents): void {
  io.on('presence', listeners.presence);
  io.on('activity', listeners.activity);
  io.on('membership', listeners.membership);
  io.on('typing', listeners.typing);
  io.on('kick', listeners.kick);
  io.on('bans', listeners.bans);
}
