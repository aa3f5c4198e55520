import { edit, refTo, remove } from '../support/changes';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

let two: TestServer;
let ann: Person;
let ben: Person;
let room: string;

beforeAll(async () => {
  const servers = (await startServers(await startRedis(), 2)) as [TestServer, TestServer];
  two = servers[1];
  [ann, ben] = [await enter(servers[0], named('Ann')), await enter(two, named('Ben'))];
});

beforeEach(async () => {
  room = newRoom();
  await gather(room, ann, ben);
});

async function found(query: string, more: object = {}): Promise<(string | undefined)[]> {
  const { messages } = await ben.accepted('search', { room, query, ...more });
  return messages.map(({ text }) => text);
}

describe('search', () => {
  test('[SEARCH-1] answers as history does, with the messages as they are now', async () => {
    const said = await ann.say(room, 'An apple');
    await ann.say(room, 'a pear');
    await edit(ann, room, refTo(ann, said), 'One apple');
    const { messages } = await ben.accepted('history', { room, before: 2 });
    expect(await ben.accepted('search', { room, query: 'apple' })).toStrictEqual({
      ...{ ok: true, room, epoch: said.epoch, first: 1, head: 3, messages, complete: true },
    });
    expect(messages).toMatchObject([{ text: 'One apple', edited: expect.any(Number) as number }]);
    expect(await ben.accepted('search', { room, query: 'cherry' })).toStrictEqual({
      ...{ ok: true, room, epoch: said.epoch, first: 1, head: 3, messages: [], complete: true },
    });
  });

  test.each([
    ['a part of a word', 'pinapples', 'apple'],
    ['letters of another case', 'Ein SCHÖNER Tag', 'schöner'],
    ['a query of another case', 'ein schöner tag', 'SCHÖNER'],
    ['Greek in another case', 'ΚΑΛΗΜΈΡΑ', 'καλημέρα'],
    ['a Korean word of two syllables', '오늘 점심 뭐 먹지?', '점심'],
    ['Korean inside a word', '점심시간입니다', '시간'],
    ['Korean that was typed decomposed', '점심'.normalize('NFD'), '점심'],
    ['a decomposed query', '점심', '점심'.normalize('NFD')],
    ['accents of either spelling', 'cafe\u0301', 'CAFÉ'],
    ['a single character', 'abc', 'b'],
    ['an emoji', 'well done 🎉', '🎉'],
    ['several words as they stand', 'one two three', 'two three'],
    ['signs of patterns', 'is 100% (sure) [a-z]* \\d+ ^$?', '(sure) [a-z]* \\d+ ^$?'],
    ['quotes', `she said "no"`, '"no"'],
  ])('[SEARCH-2] finds %s', async (_, text, query) => {
    await ann.say(room, 'something else');
    await ann.say(room, text);
    expect(await found(query)).toEqual([text]);
  });

  test.each([
    ['.', 'no full stop here'],
    ['.*', 'anything'],
    ['two one', 'one two'],
    ['점 심', '점심'],
    ['%', 'percent'],
    ['guest', 'a text of guest Ann without it'.replace('guest ', '')],
    ['message', 'the kind of it'],
  ])('[SEARCH-2] %j is found as it stands or not at all', async (query, text) => {
    await ann.say(room, text);
    expect(await found(query)).toEqual([]);
  });

  test('[SEARCH-3] shows the newest matches, ascending, and pages back by `before`', async () => {
    for (let i = 1; i <= 150; i++) await ann.say(room, i % 2 ? `odd ${i}` : `even ${i}`);
    const page = async (bounds: object) => {
      const { messages, complete, head } = await ben.accepted('search', { room, query: 'ODD', ...bounds });
      expect(head).toBe(150);
      const seqs = messages.map(({ seq }) => seq);
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
      return [seqs[0], seqs.at(-1), seqs.length, complete];
    };
    expect(await page({})).toEqual([51, 149, 50, false]);
    expect(await page({ limit: 200 })).toEqual([1, 149, 75, true]);
    expect(await page({ limit: 75 })).toEqual([1, 149, 75, true]);
    expect(await page({ limit: 1 })).toEqual([149, 149, 1, false]);
    expect(await page({ before: 149, limit: 1 })).toEqual([147, 147, 1, false]);
    expect(await page({ before: 51 })).toEqual([1, 49, 25, true]);
    expect(await page({ before: 1 })).toEqual([undefined, undefined, 0, true]);
    expect(await page({ before: 1_000, limit: 2 })).toEqual([147, 149, 2, false]);
  });

  test('[SEARCH-3] walked to the end, has every match once; one that is not complete is never empty', async () => {
    for (let i = 1; i <= 400; i++) await ann.say(room, i % 100 === 3 ? `needle ${i}` : `hay ${i}`);
    const seqs: number[] = [];
    for (let before = 401; ; before = seqs[0]!) {
      const { messages, complete } = await ben.accepted('search', {
        room,
        query: 'needle',
        before,
        limit: 1,
      });
      seqs.unshift(...messages.map(({ seq }) => seq));
      if (complete) break;
      expect(messages.length).toBeGreaterThan(0);
    }
    expect(seqs).toEqual([3, 103, 203, 303]);
  });

  test('[SEARCH-4] is for who has joined the room: not_a_member', async () => {
    await ann.say(room, 'apple');
    const eve = await enter(two, named('Eve'));
    expect(await eve.refusal('search', { room, query: 'apple' })).toBe('not_a_member');
    await eve.join(room);
    expect((await eve.accepted('search', { room, query: 'apple' })).messages).toHaveLength(1);
    await eve.accepted('leave', { room });
    expect(await eve.refusal('search', { room, query: 'apple' })).toBe('not_a_member');
  });

  test('[SEARCH-4] finds what is in this room alone', async () => {
    await ann.say(room, 'apple');
    const other = newRoom();
    await gather(other, ann, ben);
    await ann.say(other, 'apple pie');
    expect(await found('apple')).toEqual(['apple']);
  });

  test('[SEARCH-5] finds what an edited message says now, and no text that was edited or deleted away', async () => {
    const edited = refTo(ann, await ann.say(room, 'old apple'));
    const gone = refTo(ann, await ann.say(room, 'gone apple'));
    await edit(ann, room, edited, 'first pear');
    expect(await found('apple')).toEqual(['gone apple']);
    expect(await found('pear')).toEqual(['first pear']);
    await edit(ann, room, edited, 'a plum');
    await edit(ann, room, gone, 'gone pear');
    expect(await found('pear')).toEqual(['gone pear']);
    await remove(ann, room, gone);
    for (const query of ['apple', 'pear', 'gone']) expect(await found(query)).toEqual([]);
    expect(await found('plum')).toEqual(['a plum']);
  });

  test.each<[string, object]>([
    ['no query', {}],
    ['an empty query', { query: '' }],
    ['a query of 257 characters', { query: 'x'.repeat(257) }],
    ['a number', { query: 5 }],
    ['after', { query: 'x', after: 1 }],
    ['an unknown key', { query: 'x', regex: true }],
    ['limit 0', { query: 'x', limit: 0 }],
    ['limit 201', { query: 'x', limit: 201 }],
    ['a negative bound', { query: 'x', before: -1 }],
  ])('[SEARCH-6] %s is invalid', async (_, payload) => {
    expect(await ben.refusal('search', { room, ...payload })).toBe('invalid');
  });

  test('[SEARCH-6] an empty room has no match', async () => {
    const answer = await ben.accepted('search', { room, query: 'x' });
    expect(answer).toMatchObject({ first: 1, head: 0, messages: [], complete: true });
  });
});
