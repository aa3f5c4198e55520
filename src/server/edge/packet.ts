import type { ServerToClient } from '../../protocol/events';
import type { Encode, Packet } from '../flow/types';

/** Options of Engine.IO for what is sent as finished frames to a WebSocket. */
export interface Framed {
  wsPreEncodedFrame: [Buffer];
  compress?: boolean;
}

/**
 * An event as Engine.IO sends it: as text to those who poll, as a finished WebSocket frame to all others. Socket.IO's
 * own broadcasts hand their frame over in the same option, but in two buffers, which cost a `writev` each time.
 */
export class EncodedPacket implements Packet {
  readonly text: string;
  readonly options: Framed;

  constructor(event: keyof ServerToClient, payload: unknown) {
    this.text = textOf(event, payload);
    this.options = { wsPreEncodedFrame: [frameOf(this.text)] };
  }

  get bytes(): number {
    return this.options.wsPreEncodedFrame[0].length;
  }
}

export const encode: Encode = (event, payload) => new EncodedPacket(event, payload);

/** Of Engine.IO. */
export const MESSAGE = '4';
const EVENT = '2'; // of Socket.IO, in the default namespace

/** An event of the default namespace in the words of Socket.IO. The payload is plain JSON: nothing in it is binary. */
export function textOf(event: keyof ServerToClient, payload: unknown): string {
  return EVENT + JSON.stringify([event, payload]);
}

/** First byte of a frame that is a whole text, uncompressed (RFC 6455, 5.2). */
export const FINAL_TEXT = 0x81;

/** A message of Engine.IO as one unmasked WebSocket frame (RFC 6455, 5.2). */
export function frameOf(message: string): Buffer {
  const text = MESSAGE + message;
  const length = Buffer.byteLength(text);
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = FINAL_TEXT;
  frame[1] = start === 2 ? length : start === 4 ? 126 : 127;
  if (start === 4) frame.writeUInt16BE(length, 2);
  if (start === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.write(text, start);
  return frame;
}
