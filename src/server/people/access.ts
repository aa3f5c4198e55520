import { createHash } from 'node:crypto';
import type { User } from '../../protocol/entries';

/** Who may enter which room: `dm:<A>:<B>` is for the two users behind A and B, every other room for all. */
export function mayEnter(user: User, room: string): boolean {
  if (!room.startsWith('dm:')) return true;
  const [, a, b] = /^dm:([0-9a-f]{28}):([0-9a-f]{28})$/.exec(room) ?? [];
  if (a === undefined || b === undefined || a > b) return false;
  const own = userKey(user.id);
  return own === a || own === b;
}

/** How a user is named in the name of a direct room: the first 28 hex digits of SHA-256 of the id. */
export function userKey(userId: string): string {
  return createHash('sha256').update(userId).digest('hex').slice(0, 28);
}
