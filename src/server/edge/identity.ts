import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ChatError } from '../../protocol/codes';
import type { User } from '../../protocol/entries';
import { userName } from '../../protocol/names';
import type { Auth } from '../../protocol/schemas';
import type { VerifyToken } from '../flow/types';
import type { Rights } from '../people/types';

export interface Identity {
  user: User;
  rights: Rights;
  /** For an unnamed guest: what proves next time that he is the same one. */
  token?: string;
  /** For a user with a token: when it is over, ms since 1970. */
  expiresAt?: number;
}

export interface IdentityOptions {
  guests: boolean;
  guestSecret: string;
  /** Of tokens that are not of guests. */
  verify: VerifyToken;
}

const GUEST_TOKEN = 'guest.';

/**
 * Who this is. A user with a JWT is its `sub`. A named guest is `guest:<name>` on every server. An unnamed guest is
 * `guest:` and 43 random characters: longer than any name may be, so nobody can take his id by choosing a name.
 * Throws `invalid`, `auth_required`, `auth_invalid`, `auth_expired` or `unavailable`.
 */
export async function identify({ token, name }: Auth, options: IdentityOptions): Promise<Identity> {
  const { guests, guestSecret, verify } = options;
  if (token !== undefined && name !== undefined)
    throw new ChatError('invalid', 'auth: a token or a name, not both');
  if (token?.startsWith(GUEST_TOKEN) === false) return verify(token);
  if (token === undefined && !guests) throw new ChatError('auth_required');
  if (name !== undefined) return namedGuest(userName(name));
  const id = token === undefined ? randomBytes(32).toString('base64url') : idOf(token, guestSecret);
  if (id === undefined || !guests) throw new ChatError('auth_invalid');
  return unnamedGuest(id, guestSecret);
}

function namedGuest(name: string): Identity {
  return { user: { id: `guest:${name}`, name }, rights: {} };
}

function unnamedGuest(id: string, guestSecret: string): Identity {
  const user = { id: `guest:${id}`, name: `Guest ${id.slice(0, 4)}` };
  return { user, rights: {}, token: `guest.${id}.${sign(id, guestSecret)}` };
}

function idOf(token: string, guestSecret: string): string | undefined {
  const [, id, signature] = /^guest\.([\w-]{43})\.([\w-]{43})$/.exec(token) ?? [];
  if (id === undefined || signature === undefined) return undefined;
  return timingSafeEqual(Buffer.from(signature), Buffer.from(sign(id, guestSecret))) ? id : undefined;
}

function sign(id: string, guestSecret: string): string {
  return createHmac('sha256', guestSecret).update(`guest.${id}`).digest('base64url');
}
