import { CONTRACT_VERSION } from '../../protocol/limits';
import type { Counters } from '../flow/counters';
import { helloRooms } from '../flow/hello';
import { end, type JoinDeps } from '../flow/join';
import type { Receiver } from '../flow/receive';
import { Session } from '../flow/session';
import { TokenBucket } from '../flow/token-bucket';
import { Expiry } from './expiry';
import { withRead, type People } from '../flow/people';
import { joinUserChannel } from './peers';
import type { UserLimits } from '../flow/types';
import { SocketConnection } from './connection';
import type { DirectWrites } from './direct';
import { slim } from './diet';
import type { ChatSocket } from './sockets';

export interface WelcomeDeps extends JoinDeps {
  serverName: string;
  direct: DirectWrites;
  receive: Receiver;
  people: People;
  counters: Counters;
  sendsPerSecond: number;
  sendsBurst: number;
  userLimits: UserLimits;
  /** Learns what the outboxes of this host hold: earlier messages of the user may be among them. */
  look: () => Promise<void>;
}

/**
 * The life of one connection: everything it emits goes through the one receiver, which holds it back
 * until `hello` has been sent.
 */
export async function welcome(deps: WelcomeDeps, socket: ChatSocket): Promise<void> {
  const { user, rights, token, expiresAt, rooms: named } = socket.data;
  const connection = new SocketConnection(socket, deps.direct);
  const { sendsPerSecond, sendsBurst, people } = deps;
  const session = new Session(user, rights, connection, {
    sends: new TokenBucket(sendsPerSecond, sendsBurst),
    joins: new TokenBucket(sendsPerSecond, 2 * sendsBurst),
    user: deps.userLimits,
  });
  // A middleware that never calls on: no event gets past the receiver, known or not.
  socket.use(([event, ...args]) => void deps.receive(session, event, args));
  socket.on('disconnect', () => {
    session.close();
    session.lifetime?.stop();
    for (const room of [...session.joined.keys()]) end(deps, session, room);
    people.exit(session);
  });
  const [{ answer: rooms, begin }, known] = await Promise.all([
    helloRooms(deps, session, named),
    people.enter(session),
    deps.look(),
  ]);
  if (session.closed) return;
  connection.send('hello', {
    version: CONTRACT_VERSION,
    server: deps.serverName,
    user,
    ...(token && { token }),
    rooms: withRead(rooms, known),
  });
  joinUserChannel(session);
  deps.counters.connects++;
  begin();
  people.resumed(session);
  if (expiresAt !== undefined) {
    session.lifetime = new Expiry(connection);
    session.lifetime.until(expiresAt);
  }
  session.open();
  slim(socket);
}
