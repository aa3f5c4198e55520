import type { Entry, PageMessage, Ref } from '../../src/protocol/entries';
import { edit, newest, react, refTo, remove } from '../support/changes';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import { uniquePrefix, type TestServer } from '../support/server';

let redis: TestRedis;
let client: RedisClient;
let one: TestServer;
let two: TestServer;
/** Nobody is here from the start: it knows rooms by the log alone. */
let three: TestServer;
let ann: Person;
let ben: Person;
let room: string;
let epoch: string;

beforeAll(async () => {
  redis = await startRedis();
  client = await redisClient(redis);
  [one, two, three] = (await startServers(redis, 3)) as [TestServer, TestServer, TestServer];
  ann = await enter(one, named('Ann'));
  ben = await enter(two, named('Ben'));
});

beforeEach(async () => {
  room = newRoom();
  await gather(room, ann, ben);
});

async function saidBy(person: Person, text: string): Promise<Ref> {
  const said = await person.say(room, text);
  ({ epoch } = said);
  return refTo(person, said);
}

/**
 * Seq 1 and 2: A of Ann, B of Ben, a reply. 3 and 4: B is edited twice, 5 and 6: A gets a reaction and is edited.
 * 7: B is deleted. 8: C. Returns the entry at each seq as Ann saw it live.
 */
async function play(): Promise<{ a: Ref; b: Ref; live: Entry[] }> {
  const a = await saidBy(ann, 'text of A');
  const reply = await ben.accepted('sendMessage', { room, text: 'text of B', replyTo: a });
  const b = refTo(ben, reply);
  await edit(ben, room, b, 'first edit of B');
  await edit(ben, room, b, 'second edit of B');
  await react(ben, room, a, '👍');
  await edit(ann, room, a, 'A as it is now');
  for (const person of [ann, ben]) await person.reaches(room, 6);
  await remove(ben, room, b);
  await ann.say(room, 'C');
  for (const person of [ann, ben]) await person.reaches(room, 8);
  return { a, b, live: ann.entries(room) };
}

/** What is left of an entry whose text was deleted. */
function tombstone(entry: Entry): object {
  const { room, epoch, seq, n, id, kind, from, at } = entry;
  const target = kind === 'edit' && { target: entry.target };
  return { room, epoch, seq, n, id, kind, from, at, ...target, deleted: true };
}

describe('the run', () => {
  test('[ENTRY-12] who is there sees every entry as it was made', async () => {
    const { live } = await play();
    expect(ben.entries(room)).toStrictEqual(live);
    expect(live.map((entry) => [entry.kind, 'text' in entry && entry.text])).toEqual([
      ['message', 'text of A'],
      ['message', 'text of B'],
      ['edit', 'first edit of B'],
      ['edit', 'second edit of B'],
      ['reaction', false],
      ['edit', 'A as it is now'],
      ['delete', false],
      ['message', 'C'],
    ]);
  });

  test.each([0, 1, 2, 3, 4, 6])(
    '[ENTRY-12] who was away since seq %d gets tombstones for what was deleted, on whatever server and way',
    async (seq) => {
      const { live } = await play();
      const expected = live
        .map((entry) => ([2, 3, 4].includes(entry.seq) ? tombstone(entry) : entry))
        .slice(seq);
      for (const server of [one, two, three]) {
        const resumed = await enter(server, { auth: { name: 'Eve', rooms: { [room]: { epoch, seq } } } });
        expect(resumed.hello.rooms).toContainEqual(
          expect.objectContaining({ room, reason: 'none', upTo: seq }),
        );
        const joined = await enter(server, named('Joe'));
        expect(await joined.join(room, { epoch, seq })).toMatchObject({ reason: 'none', messages: [] });
        for (const person of [resumed, joined]) {
          await person.reaches(room, 8);
          expect(person.entries(room)).toStrictEqual(expected);
          expect(person.run(room).faults).toEqual([]);
        }
      }
    },
  );

  test('[ENTRY-12] who saw the texts and goes back gets tombstones too', async () => {
    const { live } = await play();
    for (const person of [ann, ben]) {
      const before = person.entries(room).length;
      expect(await person.join(room, { epoch, seq: 1 })).toMatchObject({ reason: 'none' });
      await person.reaches(room, 8);
      const again = person.entries(room).slice(before);
      expect(again).toStrictEqual(
        live.slice(1).map((entry) => ([2, 3, 4].includes(entry.seq) ? tombstone(entry) : entry)),
      );
    }
  });
});

describe('pages', () => {
  test('[ENTRY-13] show messages as they are now, in exactly the documented shape, on both servers', async () => {
    const { live } = await play();
    const [a, b, , , , editOfA, , c] = live as [Entry, Entry, Entry, Entry, Entry, Entry, Entry, Entry];
    const expected = [
      { ...a, text: 'A as it is now', edited: editOfA.at, reactions: { '👍': ['guest:Ben'] } },
      tombstone(b),
      c,
    ];
    const eve = await enter(one, named('Eve'));
    const joe = await enter(two, named('Joe'));
    const zoe = await enter(three, named('Zoe'));
    for (const person of [eve, joe, zoe]) {
      expect(await person.join(room)).toStrictEqual({
        ...{ ok: true, room, epoch, first: 1, head: 8, upTo: 8, complete: true, reason: 'fresh' },
        messages: expected,
      });
    }
    for (const person of [ann, ben, eve, joe, zoe]) {
      for (const bounds of [{}, { after: 0 }, { before: 9 }]) {
        expect(await person.accepted('history', { room, ...bounds })).toStrictEqual({
          ...{ ok: true, room, epoch, first: 1, head: 8, messages: expected, complete: true },
        });
      }
    }
  });

  test('[ENTRY-13] change with every entry, for who reads by the other server too', async () => {
    const target = await saidBy(ann, 'one');
    const seen = async (): Promise<unknown[]> => {
      const [[mine], [yours]] = [await newest(ann, room), await newest(ben, room)];
      expect(mine).toStrictEqual(yours);
      return [mine!.text, mine!.edited, mine!.reactions, mine!.deleted];
    };
    expect(await seen()).toEqual(['one', undefined, undefined, undefined]);
    const first = await edit(ann, room, target, 'two');
    expect(await seen()).toEqual(['two', first.at, undefined, undefined]);
    await react(ben, room, target, '👍');
    expect(await seen()).toEqual(['two', first.at, { '👍': ['guest:Ben'] }, undefined]);
    const second = await edit(ann, room, target, 'one');
    expect(await seen()).toEqual(['one', second.at, { '👍': ['guest:Ben'] }, undefined]);
    await react(ben, room, target, '👍', false);
    expect(await seen()).toEqual(['one', second.at, undefined, undefined]);
    await remove(ann, room, target);
    expect(await seen()).toEqual([undefined, undefined, undefined, true]);
  });

  test('[ENTRY-13] of a join go on without a seam: page and run together have it all', async () => {
    const target = await saidBy(ann, 'start');
    let busy = true;
    const traffic = (async () => {
      for (let i = 0; busy; i++) {
        await edit(ann, room, target, `edit ${i}`);
        await react(ben, room, target, '👍', i % 2 === 0);
      }
    })();
    const people = await Promise.all(
      Array.from({ length: 20 }, (_, i) => enter(i % 2 ? one : two, named(`P${i}`))),
    );
    const joined = await Promise.all(people.map((person) => person.join(room)));
    busy = false;
    await traffic;
    const { seq } = await ann.say(room, 'end');
    const [final] = await newest(ben, room);
    for (const [i, person] of people.entries()) {
      await person.reaches(room, seq);
      expect(person.run(room).faults).toEqual([]);
      const edits = person
        .entries(room)
        .filter((entry) => entry.kind === 'edit' && entry.seq > joined[i]!.upTo!);
      const last = edits.at(-1);
      const text = last && 'text' in last ? last.text : joined[i]!.messages[0]!.text;
      expect(text).toBe(final!.text);
    }
  });
});

describe('between hundreds of reactions', () => {
  const COUNT = 7;
  const BETWEEN = 230;
  let noisy: string;
  let seqs: number[];

  beforeAll(async () => {
    noisy = newRoom();
    await gather(noisy, ann, ben);
    seqs = [];
    for (let i = 0; i < COUNT; i++) {
      const said = await ann.say(noisy, `text ${i}`);
      seqs.push(said.seq);
      const target = refTo(ann, said);
      const turns = Array.from({ length: BETWEEN }, (_, k) => react(ben, noisy, target, '👍', k % 2 === 0));
      await Promise.all(turns);
    }
  });

  test('[ENTRY-14] limits count messages alone, for pages and for joins', async () => {
    const { messages, head, complete } = await ann.accepted('history', { room: noisy });
    expect([head, complete]).toEqual([COUNT * (BETWEEN + 1), true]);
    expect(messages.map(({ seq }) => seq)).toEqual(seqs);
    expect(messages.map(({ n }) => n)).toEqual(seqs.map((_, i) => i + 1));
    const eve = await enter(two, named('Eve'));
    const joined = await eve.join(noisy);
    expect(joined.messages).toStrictEqual(messages);
    expect(joined).toMatchObject({ upTo: head, complete: true });
  });

  test.each([1, 2, 3, 7, 50])('[ENTRY-14] pages of %d walk over them in both directions', async (limit) => {
    for (const direction of ['after', 'before'] as const) {
      const found: PageMessage[] = [];
      let bound = direction === 'after' ? 0 : COUNT * (BETWEEN + 1) + 1;
      for (;;) {
        const page = await ben.accepted('history', { room: noisy, [direction]: bound, limit });
        expect(page.messages.length).toBeLessThanOrEqual(limit);
        if (!page.complete) expect(page.messages).toHaveLength(limit);
        if (direction === 'after') found.push(...page.messages);
        else found.unshift(...page.messages);
        if (page.complete) break;
        bound = (direction === 'after' ? page.messages.at(-1)! : page.messages[0]!).seq;
      }
      expect(found.map(({ seq }) => seq)).toEqual(seqs);
    }
  });

  test('[ENTRY-14] bounds are positions, also those where no message stands', async () => {
    const page = async (bounds: object): Promise<number[]> =>
      (await ben.accepted('history', { room: noisy, ...bounds })).messages.map(({ seq }) => seq);
    expect(await page({ after: seqs[2]! + 100 })).toEqual(seqs.slice(3));
    expect(await page({ before: seqs[2]! + 100 })).toEqual(seqs.slice(0, 3));
    expect(await page({ before: seqs[2]! + 100, limit: 2 })).toEqual(seqs.slice(1, 3));
    expect(await page({ after: seqs[2]! + 100, limit: 2 })).toEqual(seqs.slice(3, 5));
    const last = await ben.accepted('history', { room: noisy, after: seqs.at(-1)! });
    expect([last.messages, last.complete]).toEqual([[], true]);
  });

  test('[ENTRY-14] more than 100 messages: a join shows the newest 100, and says that there are more', async () => {
    for (let i = 0; i < 120; i++) await react(ben, room, await saidBy(ann, `text ${i}`), '👍');
    const eve = await enter(one, named('Eve'));
    const joined = await eve.join(room);
    expect(joined).toMatchObject({ head: 240, upTo: 240, first: 1, complete: false });
    expect(joined.messages.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, i) => i + 21));
    for (const message of joined.messages) expect(message.reactions).toStrictEqual({ '👍': ['guest:Ben'] });
    expect(await eve.join(room, { epoch, seq: 0 })).toMatchObject({ reason: 'none' });
  });
});

describe('the store', () => {
  test('[ENTRY-15] the state outlives the servers', async () => {
    const settings = { keyPrefix: uniquePrefix() };
    const before = (await startServers(redis, 2, settings)) as [TestServer, TestServer];
    const [amy, bob] = [await enter(before[0], named('Ann')), await enter(before[1], named('Ben'))];
    await gather(room, amy, bob);
    const target = refTo(amy, await amy.say(room, 'one', 'm'));
    const gone = refTo(bob, await bob.say(room, 'gone', 'g'));
    await edit(amy, room, target, 'two', 'e');
    for (const emoji of ['👍', '😂']) await react(bob, room, target, emoji);
    await remove(bob, room, gone, 'd');
    const page = await newest(amy, room);
    for (const server of before) await server.stop();

    const after = (await startServers(redis, 2, settings)) as [TestServer, TestServer];
    const people = [await enter(after[0], named('Ann')), await enter(after[1], named('Ben'))] as const;
    for (const person of people) {
      expect((await person.join(room)).messages).toStrictEqual(page);
      expect(await newest(person, room)).toStrictEqual(page);
    }
    expect((await edit(people[0], room, target, 'two', 'e')).seq).toBe(3);
    expect((await remove(people[1], room, gone, 'd')).seq).toBe(6);
    expect(await people[1].refusal('react', { room, target: gone, emoji: '👍', on: true })).toBe('not_found');
    await react(people[1], room, target, '👍', false);
    expect((await newest(people[0], room))[0]!.reactions).toStrictEqual({ '😂': ['guest:Ben'] });
  });

  test('[ENTRY-16] a delete takes the text of the message and of its edits out of Redis', async () => {
    const target = await saidBy(ann, 'SECRET-one in a message');
    const kept = await saidBy(ann, 'KEPT-one');
    for (let i = 0; i < 5; i++) await edit(ann, room, target, `SECRET-two in edit ${i}`);
    await edit(ann, room, kept, 'KEPT-two');
    await react(ben, room, target, 'SECRET-emoji');
    await saidBy(ben, 'KEPT-three');
    expect(await dump()).toMatch(/SECRET-one(.|\n)*SECRET-two|SECRET-two(.|\n)*SECRET-one/);
    await remove(ann, room, target);
    const after = await dump();
    expect(after).not.toMatch(/SECRET-one|SECRET-two/);
    for (const text of ['KEPT-two', 'KEPT-three']) expect(after).toContain(text);
  });

  test('[ENTRY-17] what was trimmed cannot be changed, and pages go on over edits that outlive their message', async () => {
    const settings = { keyPrefix: uniquePrefix(), keepEntries: 10, idWindowMinutes: 0 };
    const [server] = (await startServers(redis, 1, settings)) as [TestServer];
    const amy = await enter(server, named('Ann'));
    await amy.join(room);
    const target = refTo(amy, await amy.say(room, 'one'));
    for (let i = 2; i <= 8; i++) await amy.say(room, `text ${i}`);
    await react(amy, room, target, '👍');
    await edit(amy, room, target, 'one, edited');
    for (let i = 11; i <= 15; i++) await amy.say(room, `text ${i}`);
    const { first, messages, complete } = await amy.accepted('history', { room });
    expect([first, complete]).toEqual([6, true]);
    expect(messages.map(({ seq, n }) => [seq, n])).toEqual([
      ...[
        [6, 6],
        [7, 7],
        [8, 8],
      ],
      ...[
        [11, 9],
        [12, 10],
        [13, 11],
        [14, 12],
        [15, 13],
      ],
    ]);
    for (const [event, more] of [
      ['editMessage', { text: 'x' }],
      ['deleteMessage', {}],
      ['react', { emoji: '👍', on: true }],
    ] as const)
      expect(await amy.refusal(event, { room, target, ...more })).toBe('not_found');
    const eve = await enter(server, named('Eve'));
    await eve.join(room, { epoch: amy.run(room).epoch!, seq: 5 });
    await eve.reaches(room, 15);
    expect(eve.run(room).faults).toEqual([]);
    expect(eve.entries(room).map(({ seq }) => seq)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    for (let i = 16; i <= 30; i++) await amy.say(room, `text ${i}`);
    expect((await newest(amy, room)).map(({ seq }) => seq)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    expect(await dump(settings.keyPrefix)).not.toMatch(/one/);
  });
});

/** All that Redis keeps under this prefix, in words. */
async function dump(prefix = ''): Promise<string> {
  const parts: unknown[] = [];
  for (const key of await client.keys(`${prefix}*`)) {
    const type = await client.type(key);
    const read: Record<string, () => Promise<unknown>> = {
      string: () => client.get(key),
      hash: () => client.hGetAll(key),
      stream: () => client.xRange(key, '-', '+'),
      set: () => client.sMembers(key),
      zset: () => client.zRange(key, 0, -1),
      list: () => client.lRange(key, 0, -1),
    };
    parts.push(key, await read[type]!());
  }
  return JSON.stringify(parts);
}
