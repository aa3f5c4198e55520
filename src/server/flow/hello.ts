import type { Position } from '../../protocol/entries';
import type { HelloRoom } from '../../protocol/events';
import { LOBBY } from '../../protocol/limits';
import { resume, type JoinDeps, type Joining } from './join';
import type { Session } from './session';

/**
 * The rooms of `hello`: the lobby, which everybody is in from the start, and the rooms that the client
 * wants to go on in, with the position it has got to.
 */
export async function helloRooms(
  deps: JoinDeps,
  session: Session,
  named: ReadonlyMap<string, Position>,
): Promise<Joining<HelloRoom[]>> {
  const wanted = new Map<string, Position | undefined>(named);
  if (!wanted.has(LOBBY)) wanted.set(LOBBY, undefined);
  const rooms = await Promise.all([...wanted].map(([room, since]) => resume(deps, session, room, since)));
  const joinings = rooms.filter((joining) => joining !== undefined);
  return {
    answer: joinings.map(({ answer }) => answer),
    begin: () => joinings.forEach(({ begin }) => begin()),
  };
}
