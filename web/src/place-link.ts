import { roomName } from '../../src/protocol/names';

/** A room, or a message in it; what the part of an address after `#` can say. */
export interface Link {
  room: string;
  /** Where in the room's log. */
  at?: { epoch: string; seq: number };
}

/** The token in an address that leads from a login to the page, if there is one. */
export const tokenIn = (hash: string): string | undefined =>
  new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? undefined;

/** Undefined if it names no room. A message that it names in a wrong way is left out. */
export function readLink(hash: string): Link | undefined {
  const said = new URLSearchParams(hash.replace(/^#/, ''));
  const room = nameOf(said.get('room') ?? '');
  if (room === undefined) return undefined;
  const epoch = said.get('epoch');
  const seq = Number(said.get('seq'));
  return { room, ...(epoch && Number.isSafeInteger(seq) && seq > 0 && { at: { epoch, seq } }) };
}

export function writeLink({ room, at }: Link): string {
  const said = new URLSearchParams({ room, ...(at && { epoch: at.epoch, seq: String(at.seq) }) });
  return `#${said.toString()}`;
}

function nameOf(room: string): string | undefined {
  try {
    return roomName(room);
  } catch {
    return undefined;
  }
}
