import { textOf } from '../../src/protocol/entries';
import { bodies, openMuteLog } from '../support/open-log';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { startProxy } from '../support/tcp-proxy';
import { uniquePrefix, type TestServer } from '../support/server';

const keyPrefix = uniquePrefix();
let redis: TestRedis;
let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  redis = await startRedis();
  [one, two] = (await startServers(redis, 2, { keyPrefix })) as [TestServer, TestServer];
  ann = await enter(one, named('Ann'));
  ben = await enter(two, named('Ben'));
});

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** A room of Ann's with so many messages. */
async function roomWith(count: number): Promise<{ room: string; epoch: string }> {
  const room = newRoom();
  const { epoch } = await ann.join(room);
  if (count > 0) await ann.sayAll(room, count);
  return { room, epoch: epoch! };
}

describe('join', () => {
  test('[JOIN-1] an empty room has an epoch already, and stands at 0', async () => {
    const room = newRoom();
    const answer = await ann.join(room);
    expect(answer).toStrictEqual({
      ok: true,
      room,
      epoch: expect.stringMatching(/./) as string,
      first: 1,
      head: 0,
      upTo: 0,
      messages: [],
      complete: true,
      reason: 'fresh',
    });
    expect((await ben.join(room)).epoch).toBe(answer.epoch);
    expect((await ann.say(room, 'first')).epoch).toBe(answer.epoch);
    await ben.reaches(room, 1);
  });

  test.each([
    [1, 1, true],
    [99, 1, true],
    [100, 1, true],
    [101, 2, false],
    [250, 151, false],
  ])('[JOIN-2] of %d messages a fresh join shows the newest 100', async (count, from, complete) => {
    const { room, epoch } = await roomWith(count);
    const answer = await ben.join(room);
    expect(answer).toMatchObject({ ok: true, room, epoch, first: 1, head: count, upTo: count });
    expect(answer).toMatchObject({ complete, reason: 'fresh' });
    expect(answer.messages.map(({ seq }) => seq)).toEqual(numbers(from, count));
    await ann.say(room, 'next');
    await ben.reaches(room, count + 1);
    expect(ben.entries(room).map(({ seq }) => seq)).toEqual([count + 1]);
  });

  test('[JOIN-2] the messages of the page are entries with their place and count', async () => {
    const { room, epoch } = await roomWith(0);
    const replyTo = { from: 'guest:Ben', id: 'q' };
    const { at } = await ann.accepted('sendMessage', { room, text: 'hi', id: 'm1', replyTo });
    const { messages } = await ben.join(room);
    const from = { id: 'guest:Ann', name: 'Ann' };
    const entry = { room, epoch, seq: 1, n: 1, id: 'm1', kind: 'message', from, at, text: 'hi', replyTo };
    expect(messages).toStrictEqual([entry]);
  });

  test('[JOIN-3] a since of this epoch goes on as messages from since + 1', async () => {
    const { room, epoch } = await roomWith(30);
    const answer = await ben.join(room, { epoch, seq: 10 });
    expect(answer).toStrictEqual({
      ok: true,
      ...{ room, epoch, first: 1, head: 30, upTo: 10, messages: [], reason: 'none' },
      complete: expect.any(Boolean) as boolean,
    });
    await ann.say(room, 'live');
    await ben.reaches(room, 31);
    expect(ben.entries(room).map(({ seq }) => seq)).toEqual(numbers(11, 31));
    expect(ben.run(room).faults).toEqual([]);
  });

  test.each([0, 40])('[JOIN-3] a since of %d, at the head, has nothing to catch up', async (head) => {
    const { room, epoch } = await roomWith(head);
    expect(await ben.join(room, { epoch, seq: head })).toMatchObject({ reason: 'none', upTo: head, head });
    await ann.say(room, 'live');
    await ben.reaches(room, head + 1);
    expect(ben.texts(room)).toEqual(['live']);
  });

  test('[JOIN-4] a since of another epoch is answered with the newest page and `epoch`', async () => {
    const { room, epoch } = await roomWith(120);
    const answer = await ben.join(room, { epoch: `${epoch}x`, seq: 5 });
    expect(answer).toMatchObject({ epoch, reason: 'epoch', head: 120, upTo: 120, complete: false });
    expect(answer.messages.map(({ seq }) => seq)).toEqual(numbers(21, 120));
    await ann.say(room, 'live');
    await ben.reaches(room, 121);
    expect(ben.texts(room)).toEqual(['live']);
  });

  test.each(['websocket', 'polling'])(
    '[JOIN-5] up to 1,000 behind is caught up, more is `far` (%s)',
    async (transport) => {
      const { room, epoch } = await roomWith(1_003);
      const cleo = await enter(two, { transports: [transport] });
      const far = await cleo.join(room, { epoch, seq: 2 });
      expect(far).toMatchObject({ reason: 'far', head: 1_003, upTo: 1_003 });
      const near = await cleo.join(room, { epoch, seq: 3 });
      expect(near).toMatchObject({ reason: 'none', upTo: 3, messages: [] });
      await cleo.reaches(room, 1_003);
      expect(cleo.entries(room).map(({ seq }) => seq)).toEqual(numbers(4, 1_003));
      expect(cleo.run(room).faults).toEqual([]);
    },
  );

  test.each([11, 1_000_000, Number.MAX_SAFE_INTEGER])(
    '[JOIN-6] a since of %d, beyond head, is `far`',
    async (seq) => {
      const { room, epoch } = await roomWith(10);
      const answer = await ben.join(room, { epoch, seq });
      expect(answer).toMatchObject({ reason: 'far', head: 10, upTo: 10, complete: true });
      expect(answer.messages).toHaveLength(10);
      await ann.say(room, 'live');
      await ben.reaches(room, 11);
      expect(ben.texts(room)).toEqual(['live']);
    },
  );

  test('[JOIN-6] head is asked of Redis: what this server has not heard of yet is not beyond it', async () => {
    const { room, epoch } = await roomWith(3);
    await ben.join(room);
    await (await openMuteLog(redis, keyPrefix)).append(room, bodies(5));
    const answer = await (await enter(two)).join(room, { epoch, seq: 8 });
    expect(answer).toMatchObject({ reason: 'none', upTo: 8, head: 8 });
  });

  test('[JOIN-7] a repeated join moves the cursor, back and forth', async () => {
    const { room, epoch } = await roomWith(20);
    await ben.join(room, { epoch, seq: 15 });
    await ben.reaches(room, 20);
    await ben.join(room, { epoch, seq: 5 });
    await ben.reaches(room, 20);
    expect(ben.entries(room).map(({ seq }) => seq)).toEqual([...numbers(16, 20), ...numbers(6, 20)]);
    await ben.join(room);
    await ann.say(room, 'live');
    await ben.reaches(room, 21);
    expect(textOf(ben.entries(room).at(-1)!)).toBe('live');
    expect(ben.run(room).faults).toEqual([]);
  });

  test('[JOIN-8] joins under traffic, fresh and with since: page and run together have every message', async () => {
    const { room, epoch } = await roomWith(50);
    let busy = true;
    const traffic = Promise.all(
      [ann, await joined(room, two)].map(async (person) => {
        for (let i = 0; busy; i++) await person.say(room, `busy ${i}`);
      }),
    );
    const newcomer = await enter(two);
    let head = 50;
    for (let i = 0; i < 60; i++) {
      // A fast machine says more than 1,000 meanwhile: further back than that would be `far`.
      const since = i % 2 ? { epoch, seq: head - 40 } : undefined;
      const { upTo, messages, reason } = await newcomer.join(room, since);
      expect(reason).toBe(since ? 'none' : 'fresh');
      if (!since) {
        head = upTo!;
        expect(messages.at(-1)!.seq).toBe(upTo);
      }
      await newcomer.reaches(room, upTo! + 2);
    }
    busy = false;
    await traffic;
    const { seq } = await ann.say(room, 'quiet');
    await newcomer.reaches(room, seq);
    expect(newcomer.run(room).faults).toEqual([]);
  });

  test('[JOIN-8] between the receipt of a join and its answer nothing of that room is sent', async () => {
    const proxy = await startProxy(redis.port);
    const [slow] = await startServers({ ...redis, url: proxy.url }, 1, { keyPrefix });
    const { room, epoch } = await roomWith(3);
    const cleo = await enter(slow!);
    await cleo.join(room);
    proxy.slowDown(300);
    // Beyond head, so that Redis is asked, which takes its time.
    const answer = cleo.join(room, { epoch, seq: 1_000 });
    expect(await cleo.refusal('join', {})).toBe('invalid'); // it is answered, so the join has been received
    const received = cleo.journal.length;
    const { seq } = await ann.sayAll(room, 20);
    const { upTo } = await answer;
    await cleo.reaches(room, seq);
    expect(cleo.journal[received]).toMatchObject({ what: 'answer', event: 'join', answer: { upTo } });
    expect(cleo.run(room).faults).toEqual([]);
  });

  test('[JOIN-9] joins that overlap answer in order, and the last one counts', async () => {
    const { room, epoch } = await roomWith(30);
    const answers = await Promise.all([
      ben.join(room, { epoch, seq: 10 }),
      ben.join(room),
      ben.join(room, { epoch, seq: 25 }),
    ]);
    expect(answers.map(({ upTo }) => upTo)).toEqual([10, 30, 25]);
    await ann.say(room, 'live');
    await ben.reaches(room, 31);
    expect(ben.run(room).faults).toEqual([]);
    expect(
      ben
        .entries(room)
        .slice(-6)
        .map(({ seq }) => seq),
    ).toEqual(numbers(26, 31));
  });
});

async function joined(room: string, server: TestServer): Promise<Person> {
  const person = await enter(server);
  await person.join(room);
  return person;
}

describe('the run', () => {
  test('[RUN-1] under sends on several servers all members get the same run, without hole or repeat', async () => {
    const { room } = await roomWith(0);
    const members = await Promise.all([one, two, one, two].map((server) => joined(room, server)));
    await Promise.all(members.map((member, i) => member.sayAll(room, 100, `of ${i}`)));
    for (const member of members) await member.reaches(room, 400);
    for (const member of members) {
      expect(member.run(room).faults).toEqual([]);
      expect(member.entries(room)).toStrictEqual(members[0]!.entries(room));
      expect(member.entries(room).map(({ seq }) => seq)).toEqual(numbers(1, 400));
      expect(member.gaps(room)).toEqual([]);
    }
    const { messages } = await ben.join(room);
    expect(messages).toStrictEqual(members[0]!.entries(room).slice(-100));
  });

  test('[RUN-2] entries of several rooms never share a packet, and each room has a run of its own', async () => {
    const rooms = [newRoom(), newRoom(), newRoom()];
    const member = await enter(two);
    for (const room of rooms) await gather(room, ann, member);
    await Promise.all(rooms.map((room) => ann.sayAll(room, 50)));
    for (const room of rooms) {
      await member.reaches(room, 50);
      expect(member.run(room).faults).toEqual([]);
    }
    for (const line of member.journal) {
      if (line.what === 'messages') expect(new Set(line.entries.map(({ room }) => room)).size).toBe(1);
    }
  });

  test('[RUN-3] n counts the messages, and no object inside an entry has a key seq', async () => {
    const { room } = await roomWith(0);
    await ann.accepted('sendMessage', { room, text: 'a', replyTo: { from: 'x', id: 'y' } });
    await ann.sayAll(room, 5);
    await ann.reaches(room, 6);
    expect(ann.entries(room).map(({ n }) => n)).toEqual(numbers(1, 6));
    for (const entry of ann.entries(room)) {
      for (const value of Object.values(entry)) {
        if (typeof value === 'object') expect(value).not.toHaveProperty('seq');
      }
    }
  });
});
