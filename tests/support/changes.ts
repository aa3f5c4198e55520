import type { PageMessage, Ref } from '../../src/protocol/entries';
import type { SendAnswer } from '../../src/protocol/events';
import type { Committed, Person } from './person';

/** Everything that changes a message, with the answer that a committed entry has. */
type Id = string | undefined;
const idIn = (id: Id): { id?: string } => (id === undefined ? {} : { id });

/** Names a message of this person. */
export const refTo = (author: Person, { id }: { id: string }): Ref => ({ from: author.hello.user.id, id });

export const edit = (person: Person, room: string, target: Ref, text: string, id?: Id): Promise<Committed> =>
  committed(person.accepted('editMessage', { room, target, text, ...idIn(id) }));

export const remove = (person: Person, room: string, target: Ref, id?: Id): Promise<Committed> =>
  committed(person.accepted('deleteMessage', { room, target, ...idIn(id) }));

export const react = (
  person: Person,
  room: string,
  target: Ref,
  emoji: string,
  on = true,
  id?: Id,
): Promise<Committed> => committed(person.accepted('react', { room, target, emoji, on, ...idIn(id) }));

async function committed(asked: Promise<SendAnswer>): Promise<Committed> {
  const answer = await asked;
  if (answer.status !== 'committed') throw new Error('queued');
  return answer;
}

/** The newest messages of a room, as they are now. */
export async function newest(person: Person, room: string): Promise<PageMessage[]> {
  return (await person.accepted('history', { room, limit: 200 })).messages;
}
