import { edit, newest, react, refTo, remove } from '../support/changes';
import { enter, gather, newRoom, type Person } from '../support/person';
import type { TestServer } from '../support/server';

/** What a token of the operator says about somebody. */
export interface Claims {
  sub: string;
  name?: string;
  role?: 'moderator';
  rooms?: string[];
}

/** Two servers that hear each other and accept tokens, and who makes these. */
export interface Moderated {
  servers: [TestServer, TestServer];
  token: (claims: Claims) => string | Promise<string>;
}

/** Registers the tests of what moderators may do to messages of others. */
export function moderationCases(begin: () => Promise<Moderated>): void {
  let ann: Person;
  let mod: Person;
  let room: string;

  beforeAll(async () => {
    const { servers, token } = await begin();
    const by = async (server: TestServer, claims: Claims): Promise<Person> =>
      enter(server, { auth: { token: await token(claims) } });
    ann = await by(servers[0], { sub: 'ann', name: 'Ann' });
    mod = await by(servers[1], { sub: 'mod', name: 'Mod', role: 'moderator' });
  });

  beforeEach(async () => {
    room = newRoom();
    await gather(room, ann, mod);
  });

  test('[ENTRY-5] a moderator deletes what others wrote: the text of the message and of its edits is gone', async () => {
    const target = refTo(ann, await ann.say(room, 'rude'));
    await edit(ann, room, target, 'very rude');
    const { seq } = await remove(mod, room, target, 'd');
    await ann.reaches(room, seq);
    expect(ann.entries(room).at(-1)).toMatchObject({
      kind: 'delete',
      from: { id: 'mod', name: 'Mod' },
      target,
    });
    const [message] = await newest(ann, room);
    expect([message!.deleted, message!.text, message!.from.id]).toEqual([true, undefined, 'ann']);
    expect((await remove(mod, room, target, 'd')).seq).toBe(seq);
    for (const person of [ann, mod]) {
      expect(await person.refusal('deleteMessage', { room, target, id: 'again' })).toBe('not_found');
      expect(await person.refusal('react', { room, target, emoji: '👍', on: true })).toBe('not_found');
    }
  });

  test('[ENTRY-5] a moderator does not edit what others wrote, and is nobody special otherwise', async () => {
    const target = refTo(ann, await ann.say(room, 'hers'));
    const own = refTo(mod, await mod.say(room, 'his'));
    expect(await mod.refusal('editMessage', { room, target, text: 'no' })).toBe('forbidden');
    expect(await ann.refusal('editMessage', { room, target: own, text: 'no' })).toBe('forbidden');
    expect(await ann.refusal('deleteMessage', { room, target: own })).toBe('forbidden');
    await edit(mod, room, own, 'his own');
    await react(mod, room, target, '👍');
    expect(await newest(ann, room)).toMatchObject([{ text: 'hers' }, { text: 'his own' }]);
  });

  test('[ENTRY-6] what is not there is not_found for a moderator too', async () => {
    for (const target of [
      { from: 'ann', id: 'nothing' },
      { from: 'nobody', id: 'x' },
    ])
      expect(await mod.refusal('deleteMessage', { room, target })).toBe('not_found');
  });

  test('[ENTRY-7] a moderator, too, changes only what is in a room that he has joined', async () => {
    const elsewhere = newRoom();
    await ann.join(elsewhere);
    const target = refTo(ann, await ann.say(elsewhere, 'there'));
    expect(await mod.refusal('deleteMessage', { room: elsewhere, target })).toBe('not_a_member');
  });
}
