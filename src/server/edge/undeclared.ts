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
  /** What comes next: GET_INFO, the head of a frame, or GET_DATA, the rest of its payload, among others. */
  _state: number;
  /** Of what comes next these have come. */
  _bufferedBytes: number;
  _payloadLength: number;
  /** 0: the frame is none of several of one message. */
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
  const { _state, _bufferedBytes, _payloadLength, _fragmented } = receiver ?? {};
  const known = [_state, _bufferedBytes, _payloadLength, _fragmented];
  return known.every((value) => typeof value === 'number') ? receiver : undefined;
}

const GET_INFO = 0;
const GET_DATA = 4;

/** So many bytes end the message that has begun, as far as it is known: 0 between two messages. */
export function bytesOfBegun(receiver: Receiver): number | undefined {
  const { _state, _bufferedBytes, _payloadLength, _fragmented } = receiver;
  if (_fragmented !== 0) return undefined;
  if (_state === GET_DATA) return _payloadLength - _bufferedBytes;
  return _state === GET_INFO && _bufferedBytes === 0 ? 0 : undefined;
}
