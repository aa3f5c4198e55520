import { once, type EventEmitter } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import type { Socket } from 'socket.io-client';
import type { Position } from '../../src/protocol/entries';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { bodies, openLog } from '../support/open-log';
import { enter, gather, named, newRoom, Person, startServers } from '../support/person';
import { openPolling, openRaw } from '../support/raw';
import { startRedis, type TestRedis } from '../support/redis';
import { connect, uniquePrefix, type TestServer } from '../support/server';
import { startProxy } from '../support/tcp-proxy';

const keyPrefix = uniquePrefix();
let redis: TestRedis;
let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  redis = await startRedis();
  [one, two] = (await startServers(redis, 2, { keyPrefix })) as [TestServer, TestServer];
  [ann, ben] = [await enter(one, named('Ann')), await enter(two, named('Ben'))];
});

afterEach(async () => {
  await ben.reaches('lobby', (await ann.say('lobby', 'chat goes on')).seq);
  for (const person of [ann, ben]) expect(person.run('lobby').faults).toEqual([]);
});

// Jest gives tests a copy of `process`, on which Node neither warns nor tells of uncaught exceptions.
const realProcess = runInThisContext('process') as NodeJS.Process;

/** What Node says of this process from now on. */
function heard(event: 'uncaughtException' | 'warning'): string[] {
  const messages: string[] = [];
  const hear = (error: Error): unknown => messages.push(`${error.name}: ${error.message}`);
  realProcess.on(event as 'warning', hear);
  onCleanup(() => realProcess.off(event, hear));
  return messages;
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

test('[HARD-1] a client that resets its refused WebSocket handshake does not end the process', async () => {
  const uncaught = heard('uncaughtException');
  const { host, hostname, port } = new URL(one.url);
  const head = {
    ...{ Host: host, Origin: 'http://evil.example', Connection: 'Upgrade', Upgrade: 'websocket' },
    ...{ 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' },
  };
  const lines = Object.entries(head).map((line) => line.join(': '));
  for (let i = 0; i < 300; i++) {
    const socket = connectTcp(Number(port), hostname);
    socket.on('error', () => undefined);
    const closed = new Promise<void>((done) => socket.once('close', () => done()));
    const answered = new Promise<void>((done) => socket.once('data', () => done()));
    await once(socket, 'connect');
    socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    // At any moment around the refusal, and after it.
    if (i % 10 === 0) await answered;
    else for (let turns = 0; turns < i % 10; turns++) await turn();
    socket.resetAndDestroy();
    await closed;
  }
  await ann.say('lobby', 'after all resets');
  expect(uncaught).toEqual([]);
});

describe('a join that outlives its connection', () => {
  const KEEP_IDLE_MS = 30_000;
  const realTimeout = setTimeout;
  afterEach(() => jest.restoreAllMocks());

  /** The time that a room without members is kept is over at once. */
  function hurry(): void {
    const hurried = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
      realTimeout(run, ms === KEEP_IDLE_MS ? 0 : ms, ...args);
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(hurried as typeof setTimeout);
  }

  const payloads: [string, (room: string) => [string, object][]][] = [
    ['join', (room) => [['join', { room }]]],
    ['two joins', (room) => [['join', { room }], ['join', { room }]]], // prettier-ignore
    ['join, leave and join', (room) => [['join', { room }], ['leave', { room }], ['join', { room }]]], // prettier-ignore
  ];

  async function joinAndVanish(transport: string, emits: [string, object][]): Promise<void> {
    const guest = await enter(one, { transports: [transport] });
    const socket = guest.socket as unknown as Socket;
    for (const [event, payload] of emits) socket.emit(event, payload);
    socket.disconnect();
  }

  test.each(payloads)('[HARD-2] %s and disconnect at once leaves no room behind', async (_, emits) => {
    await eventually(() => expect(one.stats().connections).toBe(1));
    const before = one.stats().rooms;
    for (let i = 0; i < 20; i++) {
      await joinAndVanish(i % 2 ? 'polling' : 'websocket', emits(newRoom()));
    }
    await eventually(() => expect(one.stats()).toMatchObject({ connections: 1, rooms: before }));
  });

  test.each(payloads)('[HARD-2] ... nor a cursor in a room with messages: %s', async (_, emits) => {
    await eventually(() => expect(one.stats().connections).toBe(1));
    const before = one.stats().rooms;
    const room = newRoom();
    await ann.join(room);
    await ann.say(room, 'before');
    for (let i = 0; i < 20; i++) await joinAndVanish(i % 2 ? 'polling' : 'websocket', emits(room));
    await eventually(() => expect(one.stats().connections).toBe(1));
    hurry();
    await ann.accepted('leave', { room });
    await eventually(() => expect(one.stats().rooms).toBe(before));
  });
});

describe('history of large messages', () => {
  const COUNT = 200;
  const PAGE_BYTES = 256 * 1024;
  /** What the wire adds to each stored message. */
  const EXTRA_BYTES = 200;
  const room = newRoom();
  let hasty: Person;

  beforeAll(async () => {
    const log = await openLog(redis, keyPrefix);
    const texts = bodies(COUNT).map((body) => ({ ...body, text: '😀'.repeat(4_000) }));
    for (let i = 0; i < COUNT; i += 50) await log.append(room, texts.slice(i, i + 50));
    hasty = await enter(one, named('Hasty'));
    await hasty.join(room);
  });

  test('[HARD-3] 300 calls at once get coded answers, and others send as ever', async () => {
    let over = false;
    const asking = Promise.all(
      Array.from({ length: 300 }, () => hasty.ask('history', { room, limit: 200 })),
    ).finally(() => (over = true));
    let sent = 0;
    do await Promise.all([ann, ben].map((other) => other.say('lobby', `meanwhile ${++sent}`)));
    while (!over);
    const answers = await asking;
    const codes = answers.flatMap((answer) => (answer.ok ? [] : [answer.error.code]));
    expect(new Set(codes)).toEqual(new Set(['rate_limited']));
    const pages = answers.flatMap((answer) => (answer.ok ? [answer] : []));
    expect(pages.length).toBeGreaterThan(0);
    for (const page of pages) expect(page.messages.at(-1)!.seq).toBe(COUNT);
    await hasty.accepted('history', { room, limit: 1 }); // when they are over it is let in again
  });

  test.each(['before', 'after'] as const)(
    '[HARD-3] a page is bounded by bytes, and paging through (%s) gets every message',
    async (bound) => {
      const seqs: number[] = [];
      let complete = false;
      for (let at: number | undefined = bound === 'after' ? 0 : undefined; !complete;) {
        const page = await hasty.accepted('history', {
          room,
          limit: 200,
          ...(at !== undefined && { [bound]: at }),
        });
        const { messages } = page;
        expect(Buffer.byteLength(JSON.stringify(messages))).toBeLessThanOrEqual(
          PAGE_BYTES + EXTRA_BYTES * messages.length,
        );
        expect(messages.length).toBeGreaterThan(0);
        const places = messages.map(({ seq }) => seq);
        if (bound === 'after') seqs.push(...places);
        else seqs.unshift(...places);
        ({ complete } = page);
        expect(complete).toBe(seqs.length === COUNT);
        at = bound === 'after' ? places.at(-1)! : places[0]!;
      }
      expect(seqs).toEqual(Array.from({ length: COUNT }, (_, i) => i + 1));
    },
  );
});

describe('thousands of CONNECT packets', () => {
  const CLOSED_WITHIN_MS = 10_000;
  const connects = (text: string): number => text.split('40{"sid"').length - 1;
  const hellos = (text: string): number => text.split('42["hello"').length - 1;

  test('[HARD-4] in one POST they make one session at most, and are closed', async () => {
    const before = one.stats().connections;
    const session = await openPolling(one.url); // which connects once already
    const deadline = AbortSignal.timeout(CLOSED_WITHIN_MS);
    const polls = (async () => {
      let all = '';
      for (let open = true; open && !deadline.aborted && connects(all) <= 1;) {
        const response = await session.get();
        open = response.status === 200;
        all += await response.text();
      }
      return all;
    })();
    await session.post(Array.from({ length: 21_000 }, () => '40').join('\x1e'));
    const all = await polls;
    expect([connects(all), hellos(all)].every((count) => count <= 1)).toBe(true);
    await eventually(() => expect(one.stats().connections).toBe(before), CLOSED_WITHIN_MS);
  });

  test('[HARD-4] ... and so over a WebSocket', async () => {
    const before = one.stats().connections;
    const raw = await openRaw(one.url);
    await raw.got('0{');
    for (let i = 0; i < 5_000; i++) raw.send('40');
    await eventually(() => expect(one.stats().connections).toBe(before), CLOSED_WITHIN_MS);
    await raw.end();
    const all = raw.frames.join('\n');
    expect([connects(all), hellos(all)].every((count) => count <= 1)).toBe(true);
  });
});

test('[HARD-5] who joins and detaches without end is rate_limited, and its empty rooms are closed at once', async () => {
  const limits = { sendsPerSecond: 20, sendsBurst: 5 };
  const [limited] = (await startServers(redis, 1, limits)) as [TestServer];
  const restless = await enter(limited, named('Restless'));
  const rooms = Array.from({ length: 50 }, newRoom);
  const answers = await Promise.all(
    rooms.map(async (room) => {
      const answer = await restless.ask('join', { room });
      if (answer.ok) await restless.accepted('detach', { room });
      return answer;
    }),
  );
  const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]));
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(rooms.length);
  for (const { code, retryAfterMs } of refused) {
    expect(code).toBe('rate_limited');
    expect(retryAfterMs).toBeGreaterThan(0);
  }
  expect(limited.stats().rooms).toBe(1); // lobby
  await sleep(refused[0]!.retryAfterMs); // the promise under test: after this time it is accepted
  await restless.join(newRoom());
});

test('[HARD-10] a wall clock that is set back delays no delivery', async () => {
  const room = newRoom();
  await gather(room, ann, ben);
  const before = await ann.sayAll(room, 20, 'before');
  for (const person of [ann, ben]) await person.reaches(room, before.seq); // nothing is on its way now
  const { now } = Date;
  try {
    jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    await ann.say(room, 'alone');
    await ben.hears(room, 'alone');
    const { seq } = await ann.sayAll(room, 20, 'after');
    for (const person of [ann, ben]) await person.reaches(room, seq);
  } finally {
    jest.restoreAllMocks();
  }
  for (const person of [ann, ben]) expect(person.run(room).faults).toEqual([]);
});

test('[HARD-11] of a room that is joined before hello nothing is sent before the answer', async () => {
  const proxy = await startProxy(redis.port);
  const [slow] = (await startServers({ ...redis, url: proxy.url }, 1, { keyPrefix })) as [TestServer];
  const witness = await enter(slow);
  proxy.slowDown(400);
  for (let round = 0; round < 3; round++) {
    // `hello` waits for this room to be opened; meanwhile the lobby moves on.
    const late = new Person(connect(slow.url, { auth: { rooms: { [newRoom()]: { epoch: 'e', seq: 0 } } } }));
    await once(late.socket as unknown as EventEmitter, 'connect');
    const answer = late.join('lobby');
    const { seq } = await ann.sayAll('lobby', 20, `round ${round}`);
    await witness.reaches('lobby', seq);
    const { upTo } = await answer;
    const lines = late.journal.map(({ what }) => what);
    expect(lines.indexOf('answer')).toBeGreaterThan(lines.indexOf('hello'));
    expect(lines.slice(0, lines.indexOf('answer'))).toEqual(['hello']);
    expect(upTo).toBeGreaterThanOrEqual(seq);
    await late.reaches('lobby', (await ann.say('lobby', `round ${round} is over`)).seq);
    expect(late.run('lobby').faults).toEqual([]);
    late.end();
  }
});

describe('a server that stops', () => {
  const STOPPED_WITHIN_MS = 8_000; // main.ts ends the process after 10 s

  async function stops(stopping: Promise<void>): Promise<void> {
    let stopped = false;
    void stopping.then(() => (stopped = true));
    await eventually(() => expect(stopped).toBe(true), STOPPED_WITHIN_MS);
  }

  test('[HARD-12] lets the answer of what it committed out, also to who is not polling just then', async () => {
    const [server] = (await startServers(redis, 1, { keyPrefix })) as [TestServer];
    const session = await openPolling(server.url);
    for (let text = ''; !text.includes('42["hello"');) text = await (await session.get()).text();
    const text = newRoom();
    await session.post(`421["sendMessage","${text}"]`);
    const { seq } = await ben.hears('lobby', text);
    const stopping = server.stop();
    const answer = await (await session.get()).text();
    await session.get(); // a stock client polls on, and is told of the end
    expect(answer).toContain('431[{"ok":true');
    expect(answer).toContain(`"seq":${seq}`);
    await stops(stopping);
  });

  test('[HARD-12] answers new events `draining`, and what it took before', async () => {
    const frozen = await startRedis();
    const [server] = (await startServers(frozen, 1)) as [TestServer];
    const guest = await enter(server);
    const polling = await enter(server, { transports: ['polling'] });
    frozen.freeze();
    const taken = guest.ask('sendMessage', 'the last one');
    expect(await guest.refusal('join', {})).toBe('invalid'); // it is answered, so the send has been received
    const stopping = server.stop();
    for (const person of [guest, polling]) {
      expect(await person.refusal('sendMessage', 'x')).toBe('draining');
      expect(await person.refusal('join', { room: newRoom() })).toBe('draining');
    }
    expect(await taken).toMatchObject({ ok: true, status: 'queued' });
    frozen.thaw();
    await stops(stopping);
  });

  test('[HARD-12] is not held up by those who never pause', async () => {
    const [server] = (await startServers(redis, 1)) as [TestServer];
    const guests = await Promise.all([enter(server), enter(server)]);
    const flood = (): void => {
      const connected = guests.filter(({ socket }) => socket.connected);
      for (const { socket } of connected) socket.emit('history', { room: 'lobby', limit: 1 });
      if (connected.length > 0) setImmediate(flood);
    };
    flood();
    await eventually(() => expect(server.stats().calls).toBeGreaterThan(500));
    await stops(server.stop());
  });
});

describe('resuming in 30 rooms that are 300 behind', () => {
  const BEHIND = 300;
  const positions: Record<string, Position> = {};
  beforeAll(async () => {
    const log = await openLog(redis, keyPrefix);
    const rooms = Array.from({ length: 30 }, newRoom);
    const texts = bodies(BEHIND).map((body) => ({ ...body, text: body.text.padEnd(1_000) }));
    for (const room of rooms) {
      const [first] = await log.append(room, texts);
      positions[room] = { epoch: first!.epoch, seq: 0 };
    }
  });

  test.each(['websocket', 'polling'])(
    '[HARD-14] warns of nothing, and every room catches up (%s)',
    async (transport) => {
      const warnings = heard('warning');
      const back = await enter(one, { transports: [transport], auth: { rooms: positions } });
      for (const room of Object.keys(positions)) await back.reaches(room, BEHIND);
      for (const room of Object.keys(positions)) {
        expect(back.entries(room)).toHaveLength(BEHIND);
        expect(back.run(room).faults).toEqual([]);
      }
      back.end();
      expect(warnings.filter((warning) => warning.startsWith('MaxListeners'))).toEqual([]);
    },
  );
});
