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
  _receiver?: Receiver;
  terminate(): void;
}

export interface RawSocket extends NetSocket {
  _handle?: { fd?: number; writeQueueSize?: number } | null;
}

/** What reads the frames of a WebSocket. */
export interface Receiver {
  write(piece: Buffer): boolean;
  /** All three are 0 between two messages. */
  _state: number;
  _bufferedBytes: number;
  _fragmented: number;
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

/** None while a client polls, and none if `ws` has changed. */
export function receiverOf(transport: Transport): Receiver | undefined {
  const receiver = webSocketOf(transport)?._receiver;
  const known = [receiver?._state, receiver?._bufferedBytes, receiver?._fragmented];
  return known.every((value) => typeof value === 'number') ? receiver : undefined;
}
