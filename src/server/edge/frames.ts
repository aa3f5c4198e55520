import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { frameOf } from './packet';
import type { ChatIo } from './sockets';
import { webSocketOf, type Conn } from './undeclared';

/** A packet of Engine.IO, as far as it is not declared. */
interface Packet {
  type: string;
  data?: unknown;
  options?: { wsPreEncodedFrame?: Buffer[] };
}

/**
 * What Engine.IO sends goes out as few buffers and in one write: `ws` makes two buffers of each packet and a write of
 * each of several packets, and a write costs more than all the rest of a small packet. The way to the socket is not
 * public: where it is not found, all goes as Engine.IO sends it.
 */
export function writeOnce(io: ChatIo): void {
  // The answer to an upgrade, and the first packet behind it. Not a refusal: Engine.IO cuts the socket right after it.
  io.engine.on('headers', (_: unknown, { socket, headers }: IncomingMessage) => {
    if (headers.upgrade !== undefined) corkThisTurn(socket);
  });
  io.engine.on('flush', (conn: Conn, packets: Packet[]) => {
    const socket = webSocketOf(conn.transport)?._socket;
    if (!socket) return;
    for (const packet of packets) frame(packet);
    if (packets.length > 1) corkThisTurn(socket);
  });
}

function corkThisTurn(socket: Socket): void {
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** Answers, and all else that Socket.IO sends by itself. What is encoded already stays as it is, shared by many. */
function frame(packet: Packet): void {
  const { type, data, options } = packet;
  if (type !== 'message' || typeof data !== 'string' || options?.wsPreEncodedFrame) return;
  packet.options = { ...options, wsPreEncodedFrame: [frameOf(data)] };
}
