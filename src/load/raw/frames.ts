/** A WebSocket frame in a buffer: `start` to `end` is its payload. */
export type OnFrame = (opcode: number, start: number, end: number) => void;

/** Opcodes of RFC 6455 that occur here. */
export const TEXT = 1;
export const CLOSE = 8;

const FIN = 0x80;
const MASKED = 0x80;

/**
 * Pure: calls for each whole frame that a server sent, in order; servers do not mask. Returns how many bytes they
 * took: the rest is the begin of a frame whose end has not come yet.
 */
export function walkFrames(bytes: Uint8Array, onFrame: OnFrame): number {
  let at = 0;
  for (;;) {
    const start = payloadStart(bytes, at);
    if (start > bytes.length) return at;
    const end = start + payloadLength(bytes, at);
    if (end > bytes.length) return at;
    onFrame(bytes[at]! & 0x0f, start, end);
    at = end;
  }
}

/** Beyond the end of the bytes if the header is not whole. */
function payloadStart(bytes: Uint8Array, at: number): number {
  if (at + 2 > bytes.length) return Infinity;
  const short = bytes[at + 1]! & 0x7f;
  return at + (short < 126 ? 2 : short === 126 ? 4 : 10);
}

function payloadLength(bytes: Uint8Array, at: number): number {
  const short = bytes[at + 1]! & 0x7f;
  if (short < 126) return short;
  const last = short === 126 ? at + 4 : at + 10;
  let length = 0;
  for (let i = at + 2; i < last; i++) length = length * 256 + bytes[i]!;
  return length;
}

/** Pure: a text frame as clients send it. Its mask is zero, which servers take and which saves masking. */
export function clientFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(headerLength + 4 + length);
  frame[0] = FIN | TEXT;
  if (length < 126) frame[1] = MASKED | length;
  else if (length < 65_536) {
    frame[1] = MASKED | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MASKED | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerLength + 4);
  return frame;
}
