import type { Socket } from 'socket.io';
import type { Arrival, ChatSocket } from './sockets';

/** What Socket.IO keeps of a handshake, which an operator's tool may ask for; of our connections nothing is left of it. */
const FORGOTTEN: Socket['handshake'] = {
  headers: {},
  time: '',
  address: '',
  xdomain: false,
  secure: false,
  issued: 0,
  url: '',
  query: {},
  auth: {},
};
const NO_ROOMS: Arrival['rooms'] = new Map();

/**
 * Lets go of what a welcomed connection does not need any more: the request with its headers, the handshake, its
 * positions and token. It keeps the room of Socket.IO that only it is in: `socket.to` leaves it out by that.
 */
export function slim(socket: ChatSocket): void {
  const { user, rights } = socket.data;
  socket.data = { user, rights, rooms: NO_ROOMS };
  Object.assign(socket.conn, { request: null });
  Object.assign(socket, { handshake: FORGOTTEN });
}
