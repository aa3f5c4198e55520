import type { Socket } from 'node:net';
import type { ChatIo, ChatSocket } from './sockets';

type Conn = ChatSocket['conn'];

/**
 * Packets that Engine.IO sends at a time go out in one write. `ws` makes one of each, and a write costs more than all
 * the rest of a small packet. The way to the socket is not public: where it is not found, all goes as before.
 */
export function corkFlushes(io: ChatIo): void {
  io.engine.on('flush', (conn: Conn, packets: unknown[]) => {
    if (packets.length > 1) rawSocketOf(conn)?.cork?.();
  });
  io.engine.on('drain', (conn: Conn) => rawSocketOf(conn)?.uncork?.());
}

function rawSocketOf({ transport }: Conn): Partial<Socket> | undefined {
  return (transport as { socket?: { _socket?: Partial<Socket> } }).socket?._socket;
}
