import { enter, gather, named, newRoom, Person, startServers } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { connect, type TestServer } from '../support/server';
import type { Socket } from 'socket.io-client';

let servers: TestServer[];
let server: TestServer;
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
  servers = await startServers(redis, 2);
  server = servers[0]!;
});

const lobbyRow = {
  room: 'lobby',
  epoch: expect.stringMatching(/./) as string,
  head: expect.any(Number) as number,
  n: expect.any(Number) as number,
  upTo: expect.any(Number) as number,
  reason: 'fresh',
};

/** The server has received all that this client sent so far: a handshake made afterwards is through. */
async function settled(person: Person): Promise<void> {
  await new Promise<void>((done) => person.socket.io.engine.once('drain', done));
  await fetch(`${servers[1]!.url}/livez`);
}

describe('hello', () => {
  test('[CONN-1] hello is the first event and has exactly the documented shape', async () => {
    const socket = connect(server.url, named('Ann'));
    const events: [string, unknown][] = [];
    (socket as unknown as Socket).onAny((event: string, payload: unknown) => events.push([event, payload]));
    const greeted = new Promise<void>((done) => socket.once('hello', () => done()));
    const noisy = await enter(server);
    await noisy.sayAll('lobby', 20);
    await greeted;
    expect(events[0]![0]).toBe('hello');
    expect(events[0]![1]).toStrictEqual({
      version: 1,
      server: server.name,
      user: { id: 'guest:Ann', name: 'Ann' },
      rooms: [{ ...lobbyRow, read: 0 }],
    });
    expect(events.filter(([event]) => event === 'hello')).toHaveLength(1);
  });

  test('[CONN-1] an unnamed guest finds a token in hello beside the rest', async () => {
    const { hello } = await enter(server);
    expect(hello).toStrictEqual({
      version: 1,
      server: server.name,
      user: { id: expect.stringMatching(/./) as string, name: expect.stringMatching(/./) as string },
      token: expect.stringMatching(/./) as string,
      rooms: [lobbyRow],
    });
  });

  test('[CONN-2] every connection is in lobby from the start, live from head + 1', async () => {
    const ann = await enter(server);
    await ann.say('lobby', 'before Ben came');
    const ben = await enter(servers[1]!);
    const [row] = ben.hello.rooms;
    expect(row!.upTo).toBe(row!.head);
    expect(row!.n).toBe(row!.head);
    const { seq } = await ann.say('lobby', 'after Ben came');
    expect(seq).toBe(row!.head! + 1);
    await ben.hears('lobby', 'after Ben came');
    expect(ben.texts('lobby')).toEqual(['after Ben came']);
    expect(ben.run('lobby').faults).toEqual([]);
  });

  test('[CONN-3] events that come earlier than hello are held and carried out in their order', async () => {
    const room = newRoom();
    const witness = await enter(server);
    await witness.join(room);
    // A frozen Redis keeps hello back for a moment.
    redis.freeze();
    const early = new Person(
      connect(servers[1]!.url, { auth: { rooms: { [room]: { epoch: 'x', seq: 0 } } } }),
    );
    await new Promise<void>((done) => early.socket.once('connect', done));
    const join = early.join(room);
    const sends = ['one', 'two', 'three'].map((text) => early.say(room, text));
    await settled(early);
    expect(early.journal).toEqual([]);
    redis.thaw();
    await Promise.all([join, ...sends]);
    expect(early.journal.map(({ what }) => what).slice(0, 2)).toEqual(['hello', 'answer']);
    await witness.hears(room, 'three');
    expect(witness.texts(room)).toEqual(['one', 'two', 'three']);
    expect(early.run(room).faults).toEqual([]);
  });

  test('[CONN-3] what a client buffers while it connects is carried out', async () => {
    const witness = await enter(server);
    const socket = connect(server.url);
    socket.emit('sendMessage', 'said before the connection');
    socket.emit('sendMessage', 'and this after it');
    await witness.hears('lobby', 'and this after it');
    expect(witness.texts('lobby').slice(-2)).toEqual(['said before the connection', 'and this after it']);
  });

  test('[CONN-4] a client that only ever emits sendMessage("helloTest") is heard on every server', async () => {
    const others = await Promise.all(servers.map((each) => enter(each)));
    const socket = connect(server.url, { transports: ['websocket'] });
    socket.emit('sendMessage', 'helloTest');
    for (const other of others) await other.hears('lobby', 'helloTest');
  });

  test.each([['polling'], ['websocket'], ['polling', 'websocket']])(
    '[CONN-5] chats over %s %s',
    async (...transports) => {
      const room = newRoom();
      const people = await Promise.all(servers.map((each) => enter(each, { transports })));
      await gather(room, ...people);
      for (const [index, person] of people.entries()) await person.say(room, `from ${index}`);
      for (const person of people) {
        await person.reaches(room, 2);
        expect(person.texts(room)).toEqual(['from 0', 'from 1']);
      }
    },
  );

  test.each([0, 1])('[CONN-6] the sid starts with the name of the server and ~', async (index) => {
    const { url, name } = servers[index]!;
    const body = await (await fetch(`${url}/socket.io/?EIO=4&transport=polling`)).text();
    const { sid } = JSON.parse(body.slice(1)) as { sid: string };
    expect(sid.startsWith(`${name}~`)).toBe(true);
    expect(sid.length).toBeGreaterThan(name.length + 16);
  });
});
