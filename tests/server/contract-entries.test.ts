import type { PageMessage, Ref } from '../../src/protocol/entries';
import { edit, newest, react, refTo, remove } from '../support/changes';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import type { TestServer } from '../support/server';

let redis: TestRedis;
let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;
/** Ann once more, on the other server. */
let ann2: Person;
let room: string;
/** A message of Ann at seq 1. */
let hers: Ref;
let epoch: string;

beforeAll(async () => {
  redis = await startRedis();
  [one, two] = (await startServers(redis, 2)) as [TestServer, TestServer];
  ann = await enter(one, named('Ann'));
  ben = await enter(two, named('Ben'));
  ann2 = await enter(two, named('Ann'));
});

beforeEach(async () => {
  room = newRoom();
  await gather(room, ann, ben, ann2);
  const said = await ann.say(room, 'hello', 'm');
  ({ epoch } = said);
  hers = refTo(ann, said);
});

const Ann = { id: 'guest:Ann', name: 'Ann' };
const Ben = { id: 'guest:Ben', name: 'Ben' };

/** The only message of the room, as it is now. */
async function only(person: Person): Promise<PageMessage> {
  const messages = await newest(person, room);
  expect(messages).toHaveLength(1);
  return messages[0]!;
}

describe('what changes a message', () => {
  test('[ENTRY-1] is answered with its place, and members get exactly the documented entry', async () => {
    const before = Date.now();
    const edited = await edit(ann, room, hers, 'hello again', 'e 1');
    const reacted = await react(ben, room, hers, '👍', true, 'r 1');
    const taken = await react(ben, room, hers, '👍', false, 'r 2');
    const deleted = await remove(ann2, room, hers, 'd 1');
    const answers = [edited, reacted, taken, deleted];
    for (const [i, { at, ...answer }] of answers.entries()) {
      const id = ['e 1', 'r 1', 'r 2', 'd 1'][i];
      expect(answer).toStrictEqual({ ok: true, id, room, status: 'committed', epoch, seq: i + 2 });
      expect(Number.isInteger(at) && at >= before && at <= Date.now()).toBe(true);
    }
    const rest = (i: number, id: string) => ({ room, epoch, seq: i + 2, n: 1, id, at: answers[i]!.at });
    for (const person of [ann, ben, ann2]) {
      await person.reaches(room, 5);
      expect(person.entries(room).slice(1)).toStrictEqual([
        { ...rest(0, 'e 1'), kind: 'edit', from: Ann, target: hers, text: 'hello again' },
        { ...rest(1, 'r 1'), kind: 'reaction', from: Ben, target: hers, emoji: '👍', on: true },
        { ...rest(2, 'r 2'), kind: 'reaction', from: Ben, target: hers, emoji: '👍', on: false },
        { ...rest(3, 'd 1'), kind: 'delete', from: Ann, target: hers },
      ]);
      expect(person.run(room).faults).toEqual([]);
    }
  });

  test('[ENTRY-1] gets an id of the server if it has none', async () => {
    const ids = [
      await edit(ann, room, hers, 'again'),
      await react(ben, room, hers, '👍'),
      await remove(ann, room, hers),
    ].map(({ id }) => id);
    for (const id of ids) expect(id).toMatch(/^[\x20-\x7e]{1,64}$/);
    await ben.reaches(room, 4);
    expect(ben.entries(room).slice(1)).toMatchObject(ids.map((id) => ({ id })));
  });

  test('[ENTRY-1] is carried out without an acknowledgement too', async () => {
    ann.socket.emit('editMessage', { room, target: hers, text: 'quietly' });
    ann.socket.emit('react', { room, target: hers, emoji: '👍', on: true });
    ann.socket.emit('deleteMessage', { room, target: hers });
    await ben.reaches(room, 4);
    expect(ben.entries(room).map(({ kind }) => kind)).toEqual(['message', 'edit', 'reaction', 'delete']);
  });

  test('[ENTRY-2] has the n of the last message, and the next message counts on', async () => {
    await edit(ann, room, hers, 'again');
    await ben.say(room, 'second');
    await react(ben, room, hers, '👍');
    await remove(ann, room, hers);
    await ann.say(room, 'third');
    await ben.reaches(room, 6);
    expect(ben.entries(room).map(({ n }) => n)).toEqual([1, 1, 2, 2, 2, 3]);
    const eve = await enter(two, { auth: { name: 'Eve', rooms: { [room]: { epoch, seq: 0 } } } });
    expect(eve.hello.rooms).toContainEqual(expect.objectContaining({ room, head: 6, n: 3, upTo: 0 }));
    await eve.reaches(room, 6);
    expect(eve.entries(room).map(({ n }) => n)).toEqual([1, 1, 2, 2, 2, 3]);
    expect((await newest(ben, room)).map(({ seq, n }) => [seq, n])).toEqual([
      [1, 1],
      [3, 2],
      [6, 3],
    ]);
  });

  test('[ENTRY-3] may be repeated with its id, on any server: the first place, and no second entry', async () => {
    const first = [
      await edit(ann, room, hers, 'again', 'e'),
      await react(ben, room, hers, '👍', true, 'r'),
      await remove(ann, room, hers, 'd'),
    ];
    const again = [
      await edit(ann2, room, hers, 'again', 'e'),
      await react(ben, room, hers, '👍', true, 'r'),
      await remove(ann2, room, hers, 'd'),
    ];
    expect(again).toStrictEqual(first);
    expect((await ann2.say(room, 'hello', 'm')).seq).toBe(1);
    expect((await ben.say(room, 'end')).seq).toBe(5);
    await ben.reaches(room, 5);
    expect(ben.entries(room)).toHaveLength(5);
  });

  test('[ENTRY-3] is one entry, however often it is asked for at once on both servers', async () => {
    const people = Array.from({ length: 30 }, (_, i) => (i % 2 ? ann : ann2));
    const edits = await Promise.all(people.map((person) => edit(person, room, hers, 'again', 'e')));
    const deletes = await Promise.all(people.map((person) => remove(person, room, hers, 'd')));
    for (const answer of edits) expect(answer).toStrictEqual(edits[0]);
    for (const answer of deletes) expect(answer).toStrictEqual(deletes[0]);
    expect((await ben.say(room, 'end')).seq).toBe(4);
  });

  test('[ENTRY-4] has an id that is unique over all kinds: with other content it is id_conflict', async () => {
    const other = refTo(ann, await ann.say(room, 'other', 'o'));
    await edit(ann, room, hers, 'again', 'e');
    await react(ann, room, hers, '👍', true, 'r');
    await remove(ann, room, other, 'd');
    const head = 5;
    const wanted = (target: Ref) => ({
      sendMessage: { room, text: 'hello' },
      editMessage: { room, target, text: 'again' },
      deleteMessage: { room, target },
      react: { room, target, emoji: '👍', on: true },
    });
    const own = { m: 'sendMessage', e: 'editMessage', r: 'react' } as Record<string, string>;
    for (const [id, mine] of Object.entries(own)) {
      for (const [event, payload] of Object.entries(wanted(hers))) {
        if (event === mine) continue;
        for (const person of [ann, ann2])
          expect([id, event, await person.refusal(event, { ...payload, id })]).toEqual([
            id,
            event,
            'id_conflict',
          ]);
      }
    }
    for (const [event, payload, id] of [
      ['sendMessage', { text: 'd' }, 'd'],
      ['editMessage', { target: hers, text: 'another' }, 'e'],
      ['react', { target: hers, emoji: '😂', on: true }, 'r'],
      ['react', { target: hers, emoji: '👍', on: false }, 'r'],
      ['deleteMessage', { target: hers }, 'd'],
    ] as const)
      expect(await ann2.refusal(event, { room, ...payload, id })).toBe('id_conflict');
    expect((await ben.say(room, 'end')).seq).toBe(head + 1);
    expect(await newest(ben, room)).toMatchObject([
      { text: 'again', reactions: { '👍': ['guest:Ann'] } },
      { deleted: true },
      { text: 'end' },
    ]);
  });

  test('[ENTRY-4] id_conflict compares with the original content, also after an edit or a delete', async () => {
    await edit(ann, room, hers, 'edited', 'e');
    expect(await ann.refusal('sendMessage', { room, text: 'edited', id: 'm' })).toBe('id_conflict');
    expect((await ann.say(room, 'hello', 'm')).seq).toBe(1);
    await remove(ann, room, hers, 'd');
    for (const text of ['edited', 'else'])
      expect(await ann2.refusal('sendMessage', { room, text, id: 'm' })).toBe('id_conflict');
    expect(await ann2.refusal('editMessage', { room, target: hers, text: 'else', id: 'e' })).toBe(
      'id_conflict',
    );
    expect((await ann2.say(room, 'hello', 'm')).seq).toBe(1);
    expect((await edit(ann2, room, hers, 'edited', 'e')).seq).toBe(2);
    expect((await remove(ann2, room, hers, 'd')).seq).toBe(3);
    expect((await newest(ben, room)).map(({ text, deleted }) => [text, deleted])).toEqual([
      [undefined, true],
    ]);
  });

  test('[ENTRY-4] the same ids of another user are other entries', async () => {
    await edit(ann, room, hers, 'again', 'x');
    expect((await react(ben, room, hers, '👍', true, 'x')).seq).toBe(3);
    expect((await ben.say(room, 'of Ben', 'm')).seq).toBe(4);
  });

  test('[ENTRY-5] edits and deletes are for the author alone; anybody may react', async () => {
    expect(await ben.refusal('editMessage', { room, target: hers, text: 'no' })).toBe('forbidden');
    expect(await ben.refusal('deleteMessage', { room, target: hers })).toBe('forbidden');
    await edit(ann2, room, hers, 'on another connection of hers');
    expect((await react(ben, room, hers, '👍')).seq).toBe(3);
    expect((await react(ann, room, hers, '👍')).seq).toBe(4);
    expect(await newest(ben, room)).toMatchObject([{ text: 'on another connection of hers' }]);
  });

  test('[ENTRY-6] what is not there cannot be changed: not_found', async () => {
    const elsewhere = newRoom();
    await ann.join(elsewhere);
    const there = refTo(ann, await ann.say(elsewhere, 'elsewhere', 'x'));
    const { id } = await edit(ann, room, hers, 'again', 'e');
    const reaction = await react(ann, room, hers, '👍', true, 'r');
    const own: Ref[] = [there, { from: hers.from, id }, { from: hers.from, id: reaction.id }];
    for (const name of ['nothing', '__proto__', 'constructor']) own.push({ from: hers.from, id: name });
    const foreign = ['guest:Nobody', ben.hello.user.id, '__proto__'].map((from) => ({ from, id: hers.id }));
    for (const target of [...own, ...foreign]) {
      for (const [event, more] of changes) {
        const code = await ann.refusal(event, { room, target, ...more });
        // What another one would have written is not hers to change, whether it is there or not.
        const expected = foreign.includes(target) && event !== 'react' ? /forbidden|not_found/ : /not_found/;
        expect([target, event, code]).toEqual([target, event, expect.stringMatching(expected)]);
      }
    }
    expect((await ben.say(room, 'end')).seq).toBe(4);
  });

  const changes: [string, object][] = [
    ['editMessage', { text: 'x' }],
    ['deleteMessage', {}],
    ['react', { emoji: '👍', on: true }],
    ['react', { emoji: '👍', on: false }],
  ];

  test('[ENTRY-6] what is deleted cannot be changed, nor deleted again: not_found', async () => {
    await edit(ann, room, hers, 'again', 'e');
    const { id } = await remove(ann, room, hers, 'd');
    const targets = [hers, { from: hers.from, id: 'e' }, { from: hers.from, id }];
    for (const target of targets) {
      for (const [event, more] of changes) {
        for (const person of [ann, ann2])
          expect(await person.refusal(event, { room, target, ...more, id: 'new' })).toBe('not_found');
      }
    }
    expect((await ben.say(room, 'end')).seq).toBe(4);
  });

  test('[ENTRY-6] of two deletes at once one is not_found', async () => {
    const answers = await Promise.all(
      [ann, ann2].map((person) => person.ask('deleteMessage', { room, target: hers })),
    );
    expect(answers.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'not_found' } });
  });

  test('[ENTRY-7] it needs the room joined on this connection: not_a_member', async () => {
    const eve = await enter(one, named('Eve'));
    for (const [event, more] of changes) {
      expect(await eve.refusal(event, { room, target: hers, ...more })).toBe('not_a_member');
      expect(await eve.refusal(event, { room: newRoom(), target: hers, ...more })).toBe('not_a_member');
    }
    await ann2.accepted('detach', { room });
    for (const [event, more] of changes)
      expect(await ann2.refusal(event, { room, target: hers, ...more })).toBe('not_a_member');
  });

  test.each<[string, unknown, string]>([
    ['4,001 characters', 'x'.repeat(4_001), 'too_large'],
    ['4,001 characters outside the basic plane', '😀'.repeat(4_001), 'too_large'],
    ['nothing', '', 'invalid'],
    ['blanks', ' \n\u3000', 'invalid'],
    ['a lone surrogate', 'a\ud83d', 'invalid'],
    ['a number', 5, 'invalid'],
    ['null', null, 'invalid'],
  ])('[ENTRY-8] the text of an edit keeps the rules of messages: %s', async (_, text, code) => {
    expect(await ann.refusal('editMessage', { room, target: hers, text })).toBe(code);
  });

  test('[ENTRY-8] an edited text is stored unchanged, up to 4,000 characters', async () => {
    for (const text of ['😀'.repeat(4_000), ' e\u0301 \r\n\0"\\', '한글']) {
      const { seq } = await edit(ann, room, hers, text);
      await ben.reaches(room, seq);
      expect(ben.texts(room).at(-1)).toBe(text);
      expect(await newest(ben, room)).toMatchObject([{ text }]);
    }
  });

  test.each<[string, unknown]>([
    ['nothing', ''],
    ['a space', ' '],
    ['spaces of other scripts', '\u3000\u00a0'],
    ['invisible characters alone', '\u200d\ufe0e'.slice(0, 1)],
    ['17 code points', '👍'.repeat(17)],
    ['17 letters', 'x'.repeat(17)],
    ['a control character', '👍\n'],
    ['NUL', '\0'],
    ['DEL', 'a\x7f'],
    ['a lone surrogate', '\ud83d'],
    ['a number', 5],
    ['null', null],
    ['an array', ['👍']],
  ])('[ENTRY-8] %s is no emoji: invalid', async (_, emoji) => {
    expect(await ben.refusal('react', { room, target: hers, emoji, on: true })).toBe('invalid');
  });

  test.each([
    ...['👍', '❤️', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '감사', '+1', '👍'.repeat(16), 'x'.repeat(16)],
    ...['__proto__', 'constructor', 'toString', '"', '\\', '0', '.', ':'],
  ])('[ENTRY-8] %j is an emoji, and comes back unchanged', async (emoji) => {
    await react(ben, room, hers, emoji);
    await react(ann, room, hers, emoji);
    await ann.reaches(room, 3);
    expect(ann.entries(room)[1]).toMatchObject({ kind: 'reaction', emoji });
    for (const person of [ann, ben]) {
      const { reactions = {} } = await only(person);
      expect(Object.entries(reactions)).toEqual([[emoji, ['guest:Ben', 'guest:Ann']]]);
    }
    await react(ann, room, hers, emoji, false);
    await react(ben, room, hers, emoji, false);
    expect((await newest(ann, room))[0]).not.toHaveProperty('reactions');
  });

  test.each<[string, string, object]>([
    ['an edit without a text', 'editMessage', {}],
    ['an edit with an emoji', 'editMessage', { text: 'x', emoji: '👍' }],
    ['an edit with a replyTo', 'editMessage', { text: 'x', replyTo: { from: 'guest:Ann', id: 'm' } }],
    ['a delete with a text', 'deleteMessage', { text: 'x' }],
    ['a reaction without on', 'react', { emoji: '👍' }],
    ['a reaction whose on is a number', 'react', { emoji: '👍', on: 1 }],
    ['a reaction without an emoji', 'react', { on: true }],
    ['a target that is a string', 'deleteMessage', { target: 'm' }],
    ['a target without from', 'deleteMessage', { target: { id: 'm' } }],
    ['a target with more', 'deleteMessage', { target: { from: 'guest:Ann', id: 'm', seq: 1 } }],
    ['a target of null', 'deleteMessage', { target: null }],
    ['an id that is none', 'deleteMessage', { id: 'é' }],
    ['a kind', 'deleteMessage', { kind: 'delete' }],
  ])('[ENTRY-8] %s is invalid', async (_, event, more) => {
    expect(await ann.refusal(event, { room, target: hers, ...more })).toBe('invalid');
  });

  test('[ENTRY-8] no target, no room or a string is invalid', async () => {
    for (const event of ['editMessage', 'deleteMessage', 'react']) {
      for (const payload of ['hello', undefined, {}, { room }, { target: hers }, [hers]])
        expect(await ann.refusal(event, payload)).toBe('invalid');
    }
    expect((await newest(ben, room)).map(({ text }) => text)).toEqual(['hello']);
  });

  test('[ENTRY-9] a message bears 50 different emoji; one more is too_large', async () => {
    const emoji = Array.from({ length: 50 }, (_, i) => `e${i}`);
    await Promise.all(emoji.map((each) => react(ann, room, hers, each)));
    for (const person of [ann, ben])
      expect(await person.refusal('react', { room, target: hers, emoji: '👍', on: true })).toBe('too_large');
    await react(ben, room, hers, 'e7');
    await react(ann, room, hers, 'e3', false);
    await react(ben, room, hers, '👍');
    expect(await ben.refusal('react', { room, target: hers, emoji: 'e3', on: true })).toBe('too_large');
    const { reactions = {} } = await only(ben);
    expect(Object.keys(reactions)).toHaveLength(50);
    expect([reactions['e7'], reactions['👍'], reactions['e3']]).toEqual([
      ['guest:Ann', 'guest:Ben'],
      ['guest:Ben'],
      undefined,
    ]);
  });

  test('[ENTRY-9] a message bears 1,000 reactions; one more is too_large', async () => {
    const emoji = Array.from({ length: 50 }, (_, i) => `e${i}`);
    const people = await Promise.all(
      Array.from({ length: 21 }, (_, i) => enter(i % 2 ? one : two, named(`Fan ${i}`))),
    );
    await gather(room, ...people);
    const fans = people.slice(0, 20);
    for (const each of emoji) await Promise.all(fans.map((fan) => react(fan, room, hers, each)));
    const late = people[20]!;
    const wanted = { room, target: hers, emoji: 'e0', on: true };
    expect(await late.refusal('react', wanted)).toBe('too_large');
    await react(fans[0]!, room, hers, 'e9'); // it is there already
    await react(fans[0]!, room, hers, 'e9', false);
    await react(late, room, hers, 'e0');
    expect(await fans[0]!.refusal('react', { ...wanted, emoji: 'e9' })).toBe('too_large');
    await edit(ann, room, hers, 'so popular');
    const { reactions = {} } = await only(ben);
    expect(Object.values(reactions).flat()).toHaveLength(1_000);
  });

  test('[ENTRY-10] reactions are a set: twice is once, taking back what is not there changes nothing', async () => {
    await react(ben, room, hers, '👍');
    await react(ann, room, hers, '👍');
    await react(ben, room, hers, '👍');
    await react(ann, room, hers, '😂', false);
    await react(ann, room, hers, '❤️');
    expect((await newest(ben, room))[0]!.reactions).toStrictEqual({
      '👍': ['guest:Ben', 'guest:Ann'],
      '❤️': ['guest:Ann'],
    });
    await react(ben, room, hers, '👍', false);
    await react(ben, room, hers, '👍', false);
    await react(ann, room, hers, '❤️', false);
    expect((await newest(ann, room))[0]!.reactions).toStrictEqual({ '👍': ['guest:Ann'] });
    await react(ben, room, hers, '👍');
    expect((await newest(ann, room))[0]!.reactions).toStrictEqual({ '👍': ['guest:Ann', 'guest:Ben'] });
  });

  test('[ENTRY-11] entries of all kinds get their places in the order of sending', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
    const answers = await Promise.all(
      texts.flatMap((text, i) => {
        const target = { from: hers.from, id: `m${i}` };
        return [
          ann.say(room, text, `m${i}`),
          edit(ann, room, target, `${text} edited`),
          react(ann, room, target, '👍'),
          remove(ann, room, target),
        ];
      }),
    );
    expect(answers.map(({ seq }) => seq)).toEqual(answers.map((_, i) => i + 2));
    await ben.reaches(room, 161);
    const kinds = ben
      .entries(room)
      .slice(1)
      .map(({ kind }) => kind);
    expect(kinds).toEqual(texts.flatMap(() => ['message', 'edit', 'reaction', 'delete']));
    expect(ben.run(room).faults).toEqual([]);
  });

  test('[ENTRY-11] a replyTo is not checked, and stays through edits', async () => {
    const replyTo = { from: 'guest:Nobody', id: 'nothing' };
    const said = await ann.accepted('sendMessage', { room, text: 'reply', replyTo });
    await edit(ann, room, refTo(ann, said), 'edited');
    expect((await newest(ben, room))[1]).toMatchObject({ text: 'edited', replyTo });
    await remove(ann, room, refTo(ann, said));
    expect((await newest(ben, room))[1]).not.toHaveProperty('replyTo');
  });
});
