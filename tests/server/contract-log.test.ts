import type { RedisRoomLog } from '../../src/server/roomlog/redis';
import { bodies, openMuteLog, roomy } from '../support/open-log';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import { uniquePrefix, type TestServer } from '../support/server';

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const HEAD_COMPARISON_MS = 5_000;

let redis: TestRedis;
let client: RedisClient;

beforeAll(async () => {
  redis = await startRedis();
  client = await redisClient(redis);
});

describe('retention of 10 entries', () => {
  let ann: Person;
  let ben: Person;
  let two: TestServer;
  let room: string;
  let epoch: string;

  beforeAll(async () => {
    const settings = { keepEntries: 10, idWindowMinutes: 0 };
    const servers = (await startServers(redis, 2, settings)) as [TestServer, TestServer];
    two = servers[1];
    [ann, ben] = [await enter(servers[0], named('Ann')), await enter(two, named('Ben'))];
  });

  beforeEach(async () => {
    room = newRoom();
    epoch = (await ann.join(room)).epoch!;
    for (let i = 1; i <= 30; i++) await ann.say(room, `text ${i}`, `id ${i}`);
  });

  test('[LOG-1] the oldest entries go, first moves on, and a fresh join of what is left is complete', async () => {
    const answer = await ben.join(room);
    expect(answer).toMatchObject({ first: 21, head: 30, upTo: 30, complete: true, reason: 'fresh' });
    expect(answer.messages.map(({ seq, n }) => [seq, n])).toEqual(numbers(21, 30).map((i) => [i, i]));
  });

  test('[LOG-1] it is so too on a server that remembers more than is kept', async () => {
    await ann.reaches(room, 30);
    const answer = await ann.join(room);
    expect(answer).toMatchObject({ first: 21, head: 30, upTo: 30, complete: true });
    expect(answer.messages.map(({ seq }) => seq)).toEqual(numbers(21, 30));
    expect(await ann.join(room, { epoch, seq: 19 })).toMatchObject({ reason: 'trimmed', complete: true });
  });

  test('[LOG-2] a since whose next entry is trimmed is `trimmed`; one entry later it goes on', async () => {
    expect(await ben.join(room, { epoch, seq: 19 })).toMatchObject({
      reason: 'trimmed',
      first: 21,
      upTo: 30,
    });
    expect(await ben.join(room, { epoch, seq: 0 })).toMatchObject({ reason: 'trimmed' });
    expect(await ben.join(room, { epoch, seq: 20 })).toMatchObject({ reason: 'none', upTo: 20 });
    await ben.reaches(room, 30);
    expect(ben.entries(room).map(({ seq }) => seq)).toEqual(numbers(21, 30));
    expect(ben.run(room).faults).toEqual([]);
  });

  test('[LOG-2] a resume from before the trimmed part is not joined until join', async () => {
    const cleo = await enter(two, { auth: { rooms: { [room]: { epoch, seq: 5 } } } });
    expect(cleo.hello.rooms).toContainEqual(expect.objectContaining({ room, reason: 'trimmed' }));
    expect(await cleo.refusal('sendMessage', { room, text: 'x' })).toBe('not_a_member');
    const { seq } = await ann.say(room, 'not for Cleo');
    const { reason, upTo } = await cleo.join(room, { epoch, seq: 5 });
    expect(reason).toBe('trimmed');
    await cleo.reaches(room, seq);
    expect(cleo.entries(room).every((entry) => entry.seq > upTo!)).toBe(true);
    expect(cleo.run(room).faults).toEqual([]);
  });

  test('[LOG-3] history below first begins at first', async () => {
    await ben.join(room);
    const page = async (bounds: object) => {
      const answer = await ben.accepted('history', { room, ...bounds });
      expect(answer).toMatchObject({ first: 21, head: 30, epoch });
      return [answer.messages.map(({ seq }) => seq), answer.complete];
    };
    expect(await page({})).toEqual([numbers(21, 30), true]);
    expect(await page({ after: 0 })).toEqual([numbers(21, 30), true]);
    expect(await page({ after: 3, limit: 4 })).toEqual([numbers(21, 24), false]);
    expect(await page({ before: 25 })).toEqual([numbers(21, 24), true]);
    expect(await page({ before: 25, limit: 3 })).toEqual([numbers(22, 24), false]);
    expect(await page({ before: 21 })).toEqual([[], true]);
    expect(await page({ before: 4 })).toEqual([[], true]);
  });

  test('[LOG-4] an id is known as long as its entry is kept, and no longer', async () => {
    expect((await ann.say(room, 'text 25', 'id 25')).seq).toBe(25);
    expect(await ann.refusal('sendMessage', { room, text: 'other', id: 'id 25' })).toBe('id_conflict');
    expect((await ann.say(room, 'other', 'id 5')).seq).toBe(31);
    expect((await ann.say(room, 'other', 'id 5')).seq).toBe(31);
  });
});

describe('the id window', () => {
  test('[LOG-5] nothing younger than the id window is trimmed, so that a late retry never doubles', async () => {
    const [server] = (await startServers(redis, 1, { keepEntries: 10, idWindowMinutes: 15 })) as [TestServer];
    const ann = await enter(server, named('Ann'));
    const room = newRoom();
    await ann.join(room);
    for (let i = 1; i <= 30; i++) await ann.say(room, `text ${i}`, `id ${i}`);
    for (const i of [1, 15, 30]) expect((await ann.say(room, `text ${i}`, `id ${i}`)).seq).toBe(i);
    const { first, head } = await ann.accepted('history', { room });
    expect([first, head]).toEqual([1, 30]);
  });
});

describe('feeds', () => {
  const keyPrefix = uniquePrefix();
  let ann: Person;
  let ben: Person;
  let room: string;
  let mute: RedisRoomLog;
  /** Keeps the newest 20 only. */
  let muteAndTrimmed: RedisRoomLog;

  beforeAll(async () => {
    mute = await openMuteLog(redis, keyPrefix);
    muteAndTrimmed = await openMuteLog(redis, keyPrefix, { ...roomy, keepEntries: 20, idWindowMs: 0 });
    const servers = await startServers(redis, 2, { keyPrefix });
    [ann, ben] = [await enter(servers[0]!, named('Ann')), await enter(servers[1]!, named('Ben'))];
  });

  beforeEach(async () => {
    room = newRoom();
    await gather(room, ann, ben);
    const { seq } = await ann.say(room, 'start');
    for (const person of [ann, ben]) await person.reaches(room, seq);
  });

  /** One batch on an open connection, so that a comparison of heads hardly ever comes between. */
  const appendUnheard = async (count: number, log = mute): Promise<void> => {
    await log.append(room, bodies(count));
  };

  test('[FEED-1] when a publication was lost, the next one brings all that is missing, in order', async () => {
    await appendUnheard(30);
    const { seq } = await ann.say(room, 'heard');
    expect(seq).toBe(32);
    for (const person of [ann, ben]) {
      await person.reaches(room, 32);
      expect(person.entries(room).map((entry) => entry.seq)).toEqual(numbers(1, 32));
      expect(person.run(room).faults).toEqual([]);
    }
  });

  test('[FEED-2] when the last publication was lost, comparing heads brings it within 5 s', async () => {
    await appendUnheard(3);
    const lost = Date.now();
    for (const person of [ann, ben]) {
      await person.reaches(room, 4, HEAD_COMPARISON_MS - (Date.now() - lost));
      expect(person.run(room).faults).toEqual([]);
    }
  });

  test('[FEED-3] a server whose feed is behind a trimmed log sends gap, and the run goes on at upTo + 1', async () => {
    await appendUnheard(150, muteAndTrimmed);
    const { seq, epoch } = await ann.say(room, 'heard');
    for (const person of [ann, ben]) {
      await person.reaches(room, seq);
      const [gap, ...more] = person.gaps(room);
      expect(gap).toStrictEqual({ room, epoch, upTo: expect.any(Number) as number });
      expect(more).toEqual([]);
      expect(gap!.upTo).toBeGreaterThanOrEqual(seq - 20);
      expect(person.run(room).faults).toEqual([]);
    }
    const { messages } = await ben.accepted('history', { room });
    expect(messages.at(-1)!.seq).toBe(seq);
    await ben.say(room, 'goes on');
    await ann.reaches(room, seq + 1);
    expect(ann.run(room).faults).toEqual([]);
  });

  test('[FEED-4] a log that begins anew is live from its seq 1, with a new epoch', async () => {
    const before = ann.run(room);
    await client.flushAll();
    const { seq, epoch } = await ann.say(room, 'a new beginning');
    expect(seq).toBe(1);
    expect(epoch).not.toBe(before.epoch);
    for (const person of [ann, ben]) {
      await person.hears(room, 'a new beginning');
      expect(person.run(room)).toMatchObject({ epoch, faults: [] });
      expect(person.gaps(room)).toEqual([]);
    }
    const last = await ben.sayAll(room, 20);
    await ann.reaches(room, last.seq);
    expect(ann.run(room).faults).toEqual([]);
  });

  test('[FEED-4] old positions are void then: join answers `epoch`, history epoch_changed', async () => {
    const { epoch } = ann.run(room);
    await client.flushAll();
    await ann.say(room, 'a new beginning');
    await ben.hears(room, 'a new beginning');
    expect(await ben.refusal('history', { room, epoch: epoch! })).toBe('epoch_changed');
    const answer = await ben.join(room, { epoch: epoch!, seq: 1 });
    expect(answer).toMatchObject({ reason: 'epoch', first: 1, complete: true });
    expect(answer.upTo).toBe(answer.head);
  });

  test('[FEED-4] a new log of up to 1,000 entries that a server did not hear of is live from 1', async () => {
    await client.flushAll();
    await appendUnheard(999);
    const { seq } = await ann.say(room, 'number 1,000');
    expect(seq).toBe(1_000);
    for (const person of [ann, ben]) {
      await person.hears(room, 'number 1,000');
      expect(person.gaps(room)).toEqual([]);
      expect(
        person
          .entries(room)
          .slice(1, 1_001)
          .map((entry) => entry.seq),
      ).toEqual(numbers(1, 1_000));
      expect(person.run(room).faults).toEqual([]);
    }
  });

  test.each<[string, number, () => RedisRoomLog]>([
    ['with more than 1,000 entries', 1_000, () => mute],
    ['that is trimmed already', 150, () => muteAndTrimmed],
  ])('[FEED-5] before a new log %s comes gap', async (_, count, log) => {
    await client.flushAll();
    await appendUnheard(count, log());
    const { epoch } = await ann.say(room, 'heard');
    const { seq } = await ann.say(room, 'heard too');
    for (const person of [ann, ben]) {
      await eventuallyAt(person, epoch, seq);
      expect(person.gaps(room)).toEqual([{ room, epoch, upTo: expect.any(Number) as number }]);
      expect(person.run(room).faults).toEqual([]);
    }
  });

  async function eventuallyAt(person: Person, epoch: string, seq: number): Promise<void> {
    await person.reaches(room, seq);
    // Behind it may come what servers have put back.
    const { epoch: now, upTo } = person.run(room);
    expect(now).toBe(epoch);
    expect(upTo).toBeGreaterThanOrEqual(seq);
  }
});
