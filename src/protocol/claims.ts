import { ChatError } from './codes';
import type { User } from './entries';
import { MAX_NAME, MAX_ROOM, MAX_USER_ID } from './limits';
import { codePoints, userName } from './names';

/** The most patterns in the claim `rooms`. */
export const MAX_PATTERNS = 100;

/** Whom a token names, and what he may do. */
export interface Claims {
  user: User;
  rights: { rooms?: string[]; role?: 'moderator' };
}

/**
 * The claims of a token whose signature holds: `sub` is the user, `name` what he is called (without it: by his
 * `sub`), `rooms` patterns of the rooms he may join (without it: all), `role` "moderator". Another role gives no
 * rights, so that tokens made for other programs too can be used. Throws `auth_invalid`.
 */
export function claimsOf({ sub, name, rooms, role }: Record<string, unknown>): Claims {
  const id = userIdOf(sub);
  const patterns = rooms === undefined ? undefined : patternsOf(rooms);
  if (role !== undefined && typeof role !== 'string') throw new ChatError('auth_invalid', 'role: a string');
  return {
    user: { id, name: nameOf(name ?? nameFrom(id)) },
    rights: { ...(patterns && { rooms: patterns }), ...(role === 'moderator' && { role }) },
  };
}

function userIdOf(sub: unknown): string {
  // One spelling, so that whoever names this user names him.
  const id = typeof sub === 'string' ? sub.normalize('NFC') : '';
  if (id.length > MAX_USER_ID || !/^[^\p{Cc}\p{Cs}]+$/u.test(id))
    throw new ChatError('auth_invalid', `sub: 1 to ${MAX_USER_ID} characters, no control characters`);
  if (id.startsWith('guest:')) throw new ChatError('auth_invalid', 'sub: guest: is for guests');
  return id;
}

/** Cut after NFC, which can make a text longer. */
function nameFrom(id: string): string {
  return [...id.normalize('NFC').trim()].slice(0, MAX_NAME).join('');
}

function nameOf(name: unknown): string {
  if (typeof name !== 'string') throw new ChatError('auth_invalid', 'name: a string');
  try {
    return userName(name);
  } catch (error) {
    throw new ChatError('auth_invalid', (error as Error).message);
  }
}

function patternsOf(rooms: unknown): string[] {
  const isPattern = (each: unknown): each is string =>
    typeof each === 'string' && each !== '' && codePoints(each) <= MAX_ROOM;
  if (Array.isArray(rooms) && rooms.length <= MAX_PATTERNS && rooms.every(isPattern)) return rooms;
  throw new ChatError(
    'auth_invalid',
    `rooms: at most ${MAX_PATTERNS} patterns of 1 to ${MAX_ROOM} characters`,
  );
}
