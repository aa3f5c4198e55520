import { ChatError } from '../../protocol/codes';
import type { User } from '../../protocol/entries';
import type { MembersAnswer } from '../../protocol/events';
import { MAX_MEMBERS } from '../../protocol/limits';
import type { Members, Summary } from './types';

export const byId = (users: Iterable<User>): Map<string, User> =>
  new Map([...users].map((user) => [user.id, user]));

/** Those of `users` whom `others` do not have, or by another name. */
export function lacking(users: Members, others: Members): User[] {
  return [...users.values()].filter(({ id, name }) => others.get(id)?.name !== name);
}

export const total = (servers: Summary[]): number => servers.reduce((sum, { count }) => sum + count, 0);

/** The order of members: by the bytes of their ids in UTF-8, as Redis sorts too. */
export function compareIds(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others, but their numbers lie below those from 0xe000 on. */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/** The page of `users` after this id; `count` if they are not all there are. */
export function pageOf(room: string, users: Members, after: string, count = users.size): MembersAnswer {
  const later = [...users.values()].filter(({ id }) => compareIds(id, after) > 0);
  later.sort((a, b) => compareIds(a.id, b.id));
  const members = later.slice(0, MAX_MEMBERS);
  const answer: MembersAnswer = { room, count, members };
  if (later.length > members.length) answer.cursor = cursorOf(members[members.length - 1]!.id);
  return answer;
}

const cursorOf = (id: string): string => Buffer.from(id).toString('base64url');

/** The id at which a cursor goes on, '' without one. Throws `invalid`. */
export function afterOf(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  const id = Buffer.from(cursor, 'base64url').toString();
  if (id === '' || cursorOf(id) !== cursor) throw new ChatError('invalid', 'cursor: as an answer gave it');
  return id;
}
