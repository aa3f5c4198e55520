import { FINAL_TEXT } from './packet';
import { bytesOfBegun, receiverOf, type Transport } from './undeclared';

/** The second byte of a frame: that it is masked, and its length, or that two bytes of it follow (RFC 6455, 5.2). */
const MASKED = 0x80;
const TWO_BYTES = 126;
/** Room for `4`, `2`, the number of an acknowledgement and the name of an event. */
const MOST_OF_START = 48;
const start = Buffer.alloc(MOST_OF_START);

export interface Skimmer {
  /** Asked for each piece that comes. */
  isOn(): boolean;
  /** Whether a message that starts like this is taken out. */
  takes(textStart: string): boolean;
}

/**
 * Takes messages out of the bytes that a WebSocket brings, before `ws` and Engine.IO see them: of a refusal their work
 * would be the most. Only whole frames, one after the other; from the first that is not taken, the rest of the piece
 * goes to `ws`, which also finds whatever is wrong. Where `ws` does not have the fields, nothing is taken out.
 */
export function skim(transport: Transport, skimmer: Skimmer): void {
  const receiver = receiverOf(transport);
  if (!receiver) return;
  const pass = receiver.write.bind(receiver);
  receiver.write = (piece) => {
    const begun = skimmer.isOn() ? (bytesOfBegun(receiver) ?? piece.length) : piece.length;
    if (begun >= piece.length) return pass(piece);
    if (begun > 0) {
      const takesMore = pass(piece.subarray(0, begun));
      return receiver.write(piece.subarray(begun)) && takesMore;
    }
    const from = endOfTaken(piece, skimmer);
    return from === piece.length || pass(from === 0 ? piece : piece.subarray(from));
  };
}

function endOfTaken(piece: Buffer, skimmer: Skimmer): number {
  let at = 0;
  for (;;) {
    const frame = frameAt(piece, at);
    if (!frame || !skimmer.takes(textStart(piece, frame))) return at;
    at = frame.end;
  }
}

/** Where its mask is, and the end of its text. */
interface Frame {
  mask: number;
  end: number;
}

/** None if it is not whole, or of another kind. */
function frameAt(piece: Buffer, at: number): Frame | undefined {
  if (piece.length - at < 8 || piece[at] !== FINAL_TEXT) return undefined;
  const short = piece[at + 1]! - MASKED;
  if (short < 0 || short > TWO_BYTES) return undefined;
  const [size, mask] = short < TWO_BYTES ? [short, at + 2] : [piece.readUInt16BE(at + 2), at + 4];
  const end = mask + 4 + size;
  return end <= piece.length ? { mask, end } : undefined;
}

function textStart(piece: Buffer, { mask, end }: Frame): string {
  const from = mask + 4;
  const length = Math.min(end - from, MOST_OF_START);
  for (let i = 0; i < length; i++) start[i] = piece[from + i]! ^ piece[mask + (i & 3)]!;
  return start.toString('latin1', 0, length);
}
