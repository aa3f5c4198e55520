import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from '../../src/protocol/entries';
import { eventually } from '../support/eventually';
import {
  enter,
  gather,
  named,
  newRoom,
  startLonelyServers,
  startServers,
  type Person,
} from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient, type RedisClient } from '../support/redis-client';
import type { TestServer } from '../support/server';
import { startProxy } from '../support/tcp-proxy';
import { Traffic } from '../support/traffic';

/** Servers, Redis and two people who stay connected over all that is done to Redis here. */
let redis: TestRedis;
let client: RedisClient;
let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;
let room: string;
const disconnected: string[] = [];

const ANSWER_WITHIN_MS = 1_500;
const HEALED_WITHIN_MS = 20_000;

beforeAll(async () => {
  redis = await startRedis();
  client = await redisClient(redis);
  [one, two] = (await startServers(redis, 2)) as [TestServer, TestServer];
  [ann, ben] = [await enter(one, named('Ann')), await enter(two, named('Ben'))];
  for (const person of [ann, ben]) person.socket.on('disconnect', (reason) => disconnected.push(reason));
});

beforeEach(async () => {
  await everybodyIs('ok');
  room = newRoom();
  await gather(room, ann, ben);
});

/** Nobody was disconnected, nobody's run was broken; an unhandled rejection fails a test by itself. */
afterEach(() => {
  expect(disconnected).toEqual([]);
  for (const person of [ann, ben])
    for (const each of [room, 'lobby']) expect(person.run(each).faults).toEqual([]);
});

const readyz = async (server: TestServer): Promise<[number, string]> => {
  const response = await fetch(`${server.url}/readyz`);
  return [response.status, ((await response.json()) as { state: string }).state];
};

/** Sends with one id until it is committed; answers its place. */
async function insist(person: Person, where: string, text: string): Promise<Position> {
  return eventually(async () => {
    const { epoch, seq } = await person.say(where, text, text);
    return { epoch, seq };
  }, HEALED_WITHIN_MS);
}

/** Everything acknowledged is there once, and what has no acknowledgement at most once, for all members. */
function expectAllOnce(traffic: Traffic, ...members: Person[]): void {
  for (const member of members) {
    const texts = member.texts(room);
    expect(new Set(texts).size).toBe(texts.length);
    expect(traffic.accepted.filter((text) => !texts.includes(text))).toEqual([]);
    expect(member.entries(room)).toStrictEqual(members[0]!.entries(room));
  }
}

async function answerWithTime(person: Person, payload: { room: string; text: string }) {
  const start = performance.now();
  const answer = await person.accepted('sendMessage', payload);
  return { answer, ms: performance.now() - start };
}

/**
 * Each run gets as far as a first message after the outage, be it by `gap` for one who joined meanwhile,
 * and brings the next one. Clients do nothing for it.
 */
async function everyoneHears(people: Person[], where: string, text: string, speaker = ann): Promise<void> {
  const { seq } = await insist(speaker, where, `${text}, first`);
  for (const person of people) await person.reaches(where, seq, HEALED_WITHIN_MS);
  await insist(speaker, where, text);
  for (const person of people) {
    await person.hears(where, text);
    expect(person.run(where).faults).toEqual([]);
  }
}

let frozenFor: Promise<void> = Promise.resolve();
const away = [
  { how: 'killed with -9 and started again', begin: () => redis.kill(), end: () => redis.start() },
  {
    how: 'frozen for 3 s and more',
    begin: () => {
      redis.freeze();
      frozenFor = sleep(3_000); // the fault itself: it lasts at least so long
      return Promise.resolve();
    },
    end: async () => {
      await frozenFor;
      redis.thaw();
    },
  },
];

/** Whether the servers know it yet. */
const everybodyIs = (state: string): Promise<void> =>
  eventually(async () => {
    for (const server of [one, two]) expect(await readyz(server)).toEqual([200, state]);
  }, HEALED_WITHIN_MS);

// Frozen for seconds, each of these takes seconds: one detection of it is among the faults of away.test.ts.
describe.each(process.env.ALL ? away : away.slice(0, 1))('Redis is $how', (fault) => {
  let over = true;
  const begin = async (): Promise<void> => {
    over = false;
    await fault.begin();
  };
  const end = async (): Promise<void> => {
    over = true;
    await fault.end();
  };
  afterEach(async () => {
    if (!over) await end();
  });

  test('[REDIS-1] sends are queued within 1.5 s and shown on both servers, and all is committed once when Redis is back', async () => {
    const traffic = new Traffic(room, [ann, ben, ann, ben]);
    await eventually(() => expect(traffic.accepted.length).toBeGreaterThan(20));
    await begin();
    for (const [i, person] of [ann, ben, ann].entries()) {
      const { answer, ms } = await answerWithTime(person, { room, text: `meanwhile ${i}` });
      expect(answer).toStrictEqual({
        ...{ ok: true, room, status: 'queued' },
        id: expect.any(String) as string,
        at: expect.any(Number) as number,
      });
      expect(ms).toBeLessThanOrEqual(ANSWER_WITHIN_MS);
      traffic.accepted.push(`meanwhile ${i}`);
    }
    const meanwhile = [0, 1, 2].map((i) => `meanwhile ${i}`);
    for (const person of [ann, ben])
      await eventually(() => expect(person.pendingTexts(room)).toEqual(expect.arrayContaining(meanwhile)));
    const queued = traffic.accepted.length;
    await eventually(() => expect(traffic.accepted.length).toBeGreaterThan(queued + 20));
    await end();
    await everybodyIs('ok');
    const before = traffic.accepted.length;
    await eventually(() => expect(traffic.accepted.length).toBeGreaterThan(before + 20), HEALED_WITHIN_MS);
    await traffic.end();
    expect(traffic.refused).toBe(0);
    expect(traffic.slowestMs).toBeLessThanOrEqual(ANSWER_WITHIN_MS);
    const { seq } = await insist(ann, room, 'after');
    for (const person of [ann, ben]) await person.reaches(room, seq, HEALED_WITHIN_MS);
    expectAllOnce(traffic, ann, ben);
  });

  test('[REDIS-2] connecting and joining work meanwhile, degraded, and go on by themselves afterwards', async () => {
    const epoch = (await ann.say(room, 'text 1')).epoch;
    for (let i = 2; i <= 10; i++) await ann.say(room, `text ${i}`);
    for (const person of [ann, ben]) await person.reaches(room, 10);
    await begin();
    await everybodyIs('degraded');

    const fresh = await enter(two, named('Fresh'));
    const back = await enter(two, named('Back'));
    for (const person of [fresh, back]) {
      expect(person.hello.user.id).toBe(`guest:${person === fresh ? 'Fresh' : 'Back'}`);
      expect(person.hello.rooms).toStrictEqual([
        { room: 'lobby', epoch: null, head: null, n: null, upTo: null, reason: 'degraded' },
      ]);
    }
    const nowhere = { epoch: null, first: null, head: null, upTo: null };
    const degraded = {
      ok: true,
      room,
      ...nowhere,
      messages: expect.any(Array) as unknown[],
      complete: expect.any(Boolean) as boolean,
      reason: 'degraded',
    };
    const answer = await fresh.join(room);
    expect(answer).toStrictEqual(degraded);
    expect(answer.messages.map(({ text }) => text)).toEqual(ben.texts(room));
    expect(await back.join(room, { epoch, seq: 4 })).toStrictEqual(degraded);
    const unknown = newRoom();
    expect(await back.join(unknown)).toStrictEqual({ ...degraded, room: unknown });
    for (const person of [fresh, back, ben]) {
      const text = `meanwhile of ${person.hello.user.id}`;
      expect(await person.accepted('sendMessage', { room, text })).toMatchObject({ status: 'queued' });
      expect(await person.accepted('sendMessage', text)).toMatchObject({ status: 'queued' });
      for (const other of [fresh, back, ben])
        await eventually(() => expect(other.pendingTexts(room)).toContain(text));
    }
    const late = await enter(two, named('Late'));
    const { messages } = await late.join(room);
    const texts = messages.map(({ text }) => text);
    expect(texts.slice(0, 10)).toEqual(ben.texts(room));
    expect(texts.slice(10)).toEqual(ben.pendingTexts(room));
    expect(await ben.refusal('history', { room })).toBe('unavailable');

    await end();
    await everyoneHears([fresh, back, ben], room, 'after');
    await everyoneHears([fresh, back, ben], 'lobby', `after ${room}`);
    expect(fresh.gaps(room)).toHaveLength(1);
    expect(back.gaps(room)).toEqual([]);
    expect(back.entries(room)[0]!.seq).toBe(5);
    for (const text of ben.pendingTexts(room))
      await eventually(() => expect(ben.texts(room).filter((each) => each === text)).toHaveLength(1));
    await back.say(room, 'from one who joined meanwhile');
    await ann.hears(room, 'from one who joined meanwhile');
    await ann.join(unknown);
    await everyoneHears([back], unknown, 'a room that began meanwhile');
  });

  test('[REDIS-3] a resume meanwhile is degraded: what it named is not joined until join', async () => {
    const { epoch } = await ann.say(room, 'text 1');
    await begin();
    await everybodyIs('degraded');
    const back = await enter(two, { auth: { rooms: { [room]: { epoch, seq: 1 } } } });
    expect(back.hello.rooms).toContainEqual({
      ...{ room, epoch: null, head: null, n: null, upTo: null, reason: 'degraded' },
    });
    expect(await back.refusal('sendMessage', { room, text: 'x' })).toBe('not_a_member');
    await back.join(room, { epoch, seq: 1 });
    await end();
    await insist(ann, room, 'after');
    await back.hears(room, 'after', HEALED_WITHIN_MS);
    expect(back.gaps(room)).toEqual([]);
    expect(back.run(room).faults).toEqual([]);
  });

  test('[REDIS-4] [REDIS-5] /readyz is 200 degraded, and leaving is answered meanwhile and holds afterwards', async () => {
    // A join just after the last outage may still have been degraded, and a gap may pass a single message.
    await everyoneHears([ben], room, 'before');
    const heard = ben.texts(room);
    await begin();
    await everybodyIs('degraded');
    expect((await fetch(`${one.url}/livez`)).status).toBe(200);
    await ben.accepted('detach', { room });
    await end();
    await everybodyIs('ok');
    const { seq } = await insist(ann, room, 'after');
    await ann.reaches(room, seq, HEALED_WITHIN_MS);
    await insist(ann, 'lobby', `done with ${room}`);
    await ben.hears('lobby', `done with ${room}`, HEALED_WITHIN_MS);
    expect(ben.texts(room)).toEqual(heard);
  });
});

/** Does it again and again, while people chat, until so much has been accepted. */
async function whileChatting(messages: number, harm: () => Promise<unknown>): Promise<Traffic> {
  const traffic = new Traffic(room, [ann, ben, ann, ben]);
  while (traffic.accepted.length < messages) {
    const before = traffic.accepted.length;
    await harm();
    await eventually(() => expect(traffic.accepted.length).toBeGreaterThan(before + 10), HEALED_WITHIN_MS);
  }
  await traffic.end();
  const { seq } = await insist(ann, room, 'end');
  for (const person of [ann, ben]) await person.reaches(room, seq, HEALED_WITHIN_MS);
  expectAllOnce(traffic, ann, ben);
  expect([ann.gaps(room), ben.gaps(room)]).toEqual([[], []]);
  return traffic;
}

describe('connections to Redis', () => {
  test('[REDIS-6] killing the subscribers again and again leaves no hole, and fails no send', async () => {
    const traffic = await whileChatting(300, () => client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']));
    expect(traffic.refused).toBe(0);
  });

  test('[REDIS-7] killing the connections for commands again and again loses and doubles nothing', async () => {
    await whileChatting(60, () => client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']));
  });

  test('[REDIS-8] SCRIPT FLUSH under load fails no send', async () => {
    const traffic = await whileChatting(600, () => client.scriptFlush());
    expect(traffic.refused).toBe(0);
  });

  test('[REDIS-9] a subscriber that is connected but deaf is noticed and made anew', async () => {
    const proxy = await startProxy(redis.port);
    const [near, far] = (await startServers({ ...redis, url: proxy.url }, 2)) as [TestServer, TestServer];
    const [eve, dan] = [await enter(near, named('Eve')), await enter(far, named('Dan'))];
    await gather(room, eve, dan);
    await eve.say(room, 'before');
    await dan.hears(room, 'before');
    const known = proxy.subscribers();
    proxy.deafen();
    const { seq } = await insist(eve, room, 'into deaf ears');
    await dan.reaches(room, seq, HEALED_WITHIN_MS);
    await eventually(() => expect(proxy.subscribers()).toBeGreaterThanOrEqual(known + 2), HEALED_WITHIN_MS);
    for (const [speaker, listener] of [
      [eve, dan],
      [dan, eve],
    ] as const) {
      const { seq: last } = await insist(speaker, room, `healed ${speaker.hello.user.id}`);
      await listener.reaches(room, last, HEALED_WITHIN_MS);
      expect(listener.run(room).faults).toEqual([]);
      expect(listener.gaps(room)).toEqual([]);
    }
  });

  test('[REDIS-10] a server that starts without Redis takes people in, and chats when Redis comes', async () => {
    const late = await startRedis();
    await late.kill();
    const [first, second] = (await startLonelyServers(late, 2)) as [TestServer, TestServer];
    const [eve, dan] = [await enter(first, named('Eve')), await enter(second, named('Dan'))];
    expect(eve.hello.rooms[0]).toMatchObject({ room: 'lobby', reason: 'degraded' });
    expect(await eve.accepted('sendMessage', 'early')).toMatchObject({ status: 'queued' });
    await late.start();
    await eventually(async () => {
      const { messages } = await dan.accepted('history', { room: 'lobby' });
      expect(messages.map(({ text }) => text)).toEqual(['early']);
    }, HEALED_WITHIN_MS);
    await everyoneHears([eve, dan], 'lobby', 'here we are', eve);
  });
});
