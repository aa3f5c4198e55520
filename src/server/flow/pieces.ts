import { textOf, type Entry, type MessageBody } from '../../protocol/entries';
import type { Encode, Packet } from './types';

/** Successive entries of one log as one packet. */
export interface Piece {
  packet: Packet;
  epoch: string;
  first: number;
  last: number;
  count: number;
}

/** Messages without a place as one packet. */
export interface PendingPiece {
  packet: Packet;
  count: number;
}

export const PIECE_ENTRIES = 200;
/** Of text: what one slow reader can have on its way beyond its budget is bounded by that. */
const PIECE_CHARS = 100_000;

/** Encodes entries, each piece once for all who get it. */
export function piecesOf(entries: Entry[], encode: Encode): Piece[] {
  return parts(entries).map((part) => ({
    packet: encode('messages', part),
    epoch: part.at(-1)!.epoch,
    first: part[0]!.seq,
    last: part.at(-1)!.seq,
    count: part.length,
  }));
}

export function pendingPiecesOf(room: string, messages: MessageBody[], encode: Encode): PendingPiece[] {
  const shown = messages.map((body) => ({ room, ...body, pending: true as const }));
  return parts(shown).map((part) => ({ packet: encode('messages', part), count: part.length }));
}

function parts<E extends object>(entries: E[]): E[][] {
  const all: E[][] = [];
  let chars = Infinity;
  for (const entry of entries) {
    const length = textOf(entry).length;
    const isFull = chars + length > PIECE_CHARS || all.at(-1)!.length >= PIECE_ENTRIES;
    if (isFull) all.push([]);
    chars = isFull ? length : chars + length;
    all.at(-1)!.push(entry);
  }
  return all;
}
