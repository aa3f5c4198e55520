import type { Socket as NetSocket } from 'node:net';
import type { ChatSocket } from './sockets';

// What Engine.IO, its WebSocket transport, `ws` and Node have and do not declare: the one place that knows.

export type Conn = ChatSocket['conn'];
export type Transport = Conn['transport'];

export interface TransportSocket {
  readyState: number;
  /** Bytes that wait in `ws` and in Node. */
  bufferedAmount: number;
  _socket?: RawSocket;
  terminate(): void;
}

export interface RawSocket extends NetSocket {
  _handle?: { fd?: number; writeQueueSize?: number } | null;
}

/** Of `ws`: neither of its sides has begun to close. */
export const OPEN = 1;

/** None while a client polls. */
export function webSocketOf(transport: Transport): TransportSocket | undefined {
  return (transport as { socket?: TransportSocket }).socket;
}

/** What waits for the transport. */
export function queueOf(conn: Conn): { data?: string | Buffer }[] {
  return (conn as unknown as { writeBuffer: { data?: string | Buffer }[] }).writeBuffer;
}
