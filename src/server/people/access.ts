import { createHash } from 'node:crypto';
import type { User } from '../../protocol/entries';
import { LOBBY } from '../../protocol/limits';
import type { Rights } from './types';

/**
 * Who may enter which room: `dm:<A>:<B>` is for the two users behind A and B alone, whatever their claims say;
 * the lobby is for everybody; every other room for those whose claims allow it.
 */
export function mayEnter(user: User, rights: Rights, room: string): boolean {
  if (!room.startsWith('dm:')) return allowedBy(rights, room);
  const [, a, b] = /^dm:([0-9a-f]{28}):([0-9a-f]{28})$/.exec(room) ?? [];
  if (a === undefined || b === undefined || a > b) return false;
  const own = userKey(user.id);
  return own === a || own === b;
}

/** How a user is named in the name of a direct room: the first 28 hex digits of SHA-256 of the id. */
export function userKey(userId: string): string {
  return createHash('sha256').update(userId).digest('hex').slice(0, 28);
}

/** The room of two users alone. */
export function directRoom(a: string, b: string): string {
  return ['dm', ...[userKey(a), userKey(b)].sort()].join(':');
}

/** Whether anything is kept for this user. Not for unnamed guests: longer than any name is what identity.ts gives them. */
export function isKept(userId: string): boolean {
  return !/^guest:[\w-]{43}$/.test(userId);
}

/** What stands before, between and after the `*` of a pattern, normalised. */
type Pattern = string[];

/** Made once for the rights of a session: a list of rooms is checked against all of them. */
const patternsOf = new WeakMap<Rights, Pattern[]>();

function allowedBy(rights: Rights, room: string): boolean {
  if (rights.rooms === undefined || room === LOBBY) return true;
  const patterns = patternsOf.get(rights) ?? rights.rooms.map(compile);
  patternsOf.set(rights, patterns);
  return patterns.some((pattern) => matches(pattern, room));
}

export function compile(pattern: string): Pattern {
  return pattern.normalize('NFC').split('*');
}

/** Without a regular expression: a pattern from a token could make one that never ends. */
export function matches(pattern: Pattern, room: string): boolean {
  const [start = ''] = pattern;
  const last = pattern.length - 1;
  if (last < 1) return room === start;
  if (!room.startsWith(start)) return false;
  let from = start.length;
  for (let i = 1; i < last; i++) {
    const part = pattern[i]!;
    const at = room.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  const end = pattern[last]!;
  return room.length >= from + end.length && room.endsWith(end);
}
