import { codes, type Code, type WireError } from '../protocol/codes';
import type { Ref } from '../protocol/entries';
import { MAX_ID, MAX_PACKET, MAX_USER_ID } from '../protocol/limits';
import { isUnnamed, UNNAMED } from './identity';
import { expired, failed, type Unsent } from './unsent';

/** An unsent message as it lies in a storage. Whose it is: '' if that was not known yet. */
export type SavedUnsent = Pick<
  Unsent,
  'id' | 'text' | 'replyTo' | 'at' | 'firstTriedAt' | 'queued' | 'error'
> & {
  room: string;
  user: string;
};

const SOMEBODY: WireError = { code: 'unavailable', message: 'Written before it was known by whom' };

export function toSaved(room: string, item: Unsent): SavedUnsent {
  const { id, text, replyTo, at, firstTriedAt, queued, error, user = '' } = item;
  return {
    ...{ room, user, id, text, at },
    ...(replyTo && { replyTo }),
    ...(firstTriedAt !== undefined && { firstTriedAt }),
    ...(queued && { queued }),
    ...(error && { error }),
  };
}

/** Whether this user is shown what lies there: his own, and what may be his. */
export function concerns({ user }: SavedUnsent, self: string): boolean {
  return user === self || user === '' || (isUnnamed(user) && isUnnamed(self));
}

/**
 * What to go on with after a reload. What was tried too long ago has failed: even if a server had queued it,
 * the log may have taken it and trimmed it since, and another try would double it.
 */
export function fromSaved(saved: SavedUnsent, self: string, now: number): Unsent {
  const { room: _, user, error, firstTriedAt, ...rest } = saved;
  const tried = firstTriedAt !== undefined && { firstTriedAt: Math.min(firstTriedAt, now) };
  const item: Unsent = { ...rest, user, ...tried, state: 'waiting' };
  if (error) return failed(item, error);
  if (user !== self && user !== UNNAMED) return failed(item, SOMEBODY);
  const { queued, ...unknown } = item;
  const [late] = expired([unknown], now);
  return late?.state === 'failed' ? late : item;
}

/** What was written by `toSaved`; undefined for anything else. */
export function readSaved(value: unknown): SavedUnsent | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { room, user, id, text, replyTo, at, firstTriedAt, queued, error } = value as Record<string, unknown>;
  if (!isText(room, 1) || !isText(user) || !isId(id) || !isText(text) || !isTime(at)) return undefined;
  return {
    ...{ room, user, id, text, at },
    ...(isRef(replyTo) && { replyTo: { from: replyTo.from, id: replyTo.id } }),
    ...(isTime(firstTriedAt) && { firstTriedAt }),
    ...(queued === true && { queued }),
    ...(isError(error) && { error: { code: error.code, message: error.message } }),
  };
}

const isText = (value: unknown, atLeast = 0): value is string =>
  typeof value === 'string' && value.length >= atLeast && value.length <= MAX_PACKET;
const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isId = (value: unknown): value is string =>
  isText(value, 1) && value.length <= MAX_ID && /^[\x20-\x7e]+$/.test(value);

function isRef(value: unknown): value is Ref {
  const { from, id } = (value ?? {}) as Partial<Record<keyof Ref, unknown>>;
  return isText(from, 1) && from.length <= MAX_USER_ID && isId(id);
}

function isError(value: unknown): value is WireError {
  const { code, message } = (value ?? {}) as Partial<Record<keyof WireError, unknown>>;
  return isText(code) && Object.hasOwn(codes, code) && isText(message) && codes[code as Code] !== undefined;
}
