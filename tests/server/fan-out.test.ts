import { MAX_TEXT } from '../../src/protocol/limits';
import { roomChannel } from '../../src/server/roomlog/keys';
import { eventually } from '../support/eventually';
import { enter, named, newRoom, startServers, type Person } from '../support/person';
import { enterRaw, openPolling, type RawSocket } from '../support/raw';
import { startRedis, type TestRedis } from '../support/redis';
import { redisClient } from '../support/redis-client';
import { uniquePrefix, type TestServer } from '../support/server';

const KINDS = [['websocket'], ['polling'], ['polling', 'websocket']];
/** Of what waits for one client in the server: the budget, what was under way when it was full, and one packet. */
const MOST_WAITING = 1_000_000;
const LARGE = '가'.repeat(MAX_TEXT);
const LARGE_BYTES = 3 * MAX_TEXT;

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});

async function sendLarge(person: Person, bytes: number): Promise<number> {
  let last = 0;
  for (let sent = 0; sent < bytes; sent += 20 * LARGE_BYTES) {
    const places = await Promise.all(Array.from({ length: 20 }, () => person.say('lobby', LARGE)));
    last = Math.max(...places.map(({ seq }) => seq));
  }
  return last;
}

/** Seqs of the entries in frames or packets of Engine.IO. */
function seqsIn(packets: string[]): number[] {
  return packets
    .filter((packet) => packet.startsWith('42["messages"'))
    .flatMap((packet) => (JSON.parse(packet.slice(2)) as [string, { seq: number }[]])[1])
    .map(({ seq }) => seq);
}

const upTo = (seq: number): number[] => Array.from({ length: seq }, (_, i) => i + 1);

test('[FAN-1] over each transport the same comes in the same order, with answers and changes of transport between', async () => {
  const [server] = (await startServers(redis, 1)) as [TestServer];
  const room = newRoom();
  const people = await Promise.all(KINDS.map((transports) => enter(server, { transports })));
  for (const person of people) await person.join(room);
  // While the third one upgrades.
  const late = await Promise.all(KINDS.map((transports) => enter(server, { transports })));
  await Promise.all(late.map((person) => person.join(room)));
  await Promise.all(
    [...people, ...late].map((person, i) => person.sayAll(room, 30, `${i} \u2028 "한글" \u{1f600}`)),
  );
  for (const person of [...people, ...late]) await person.reaches(room, 180);
  const [first, ...others] = people.map((person) => person.entries(room));
  for (const other of others) expect(other).toEqual(first);
  for (const person of [...people, ...late]) expect(person.run(room).faults).toEqual([]);
  expect(people[2]!.socket.io.engine.transport.name).toBe('websocket');
});

test('[FAN-5] who does not poll is left behind, nobody waits for him, and he gets all of it later', async () => {
  const [server] = (await startServers(redis, 1, { pingTimeoutMs: 60_000 })) as [TestServer];
  const slow = await openPolling(server.url);
  let polled = '';
  while (!polled.includes('42["hello"')) polled += await (await slow.get()).text();
  const ann = await enter(server, named('Ann'));
  const head = await sendLarge(ann, 3_000_000);
  await ann.reaches('lobby', head);

  const first = await (await slow.get()).text();
  expect(Buffer.byteLength(first)).toBeLessThan(MOST_WAITING);
  const packets = first.split('\x1e');
  while (seqsIn(packets).at(-1)! < head) packets.push(...(await (await slow.get()).text()).split('\x1e'));
  expect(seqsIn(packets)).toEqual(upTo(head));
});

async function stalledRaw(server: TestServer, ann: Person): Promise<{ raw: RawSocket; head: number }> {
  const raw = await enterRaw(server.url);
  raw.pause();
  const head = await sendLarge(ann, 12_000_000); // the kernel takes some millions
  await ann.reaches('lobby', head);
  return { raw, head };
}

test('[FAN-5] who does not read his WebSocket gets all of it when he reads again', async () => {
  const [server] = (await startServers(redis, 1, { pingTimeoutMs: 60_000 })) as [TestServer];
  const { raw, head } = await stalledRaw(server, await enter(server, named('Ann')));
  raw.resume();
  await eventually(() => expect(seqsIn(raw.frames).at(-1)).toBe(head));
  expect(seqsIn(raw.frames)).toEqual(upTo(head));
});

test('[FAN-6] who takes nothing for too long is closed with `too_slow`, and can go on where he was', async () => {
  const [server] = (await startServers(redis, 1, { pingTimeoutMs: 2_000 })) as [TestServer];
  const slow = await openPolling(server.url);
  let polled = '';
  while (!polled.includes('42["hello"')) polled += await (await slow.get()).text();
  const ann = await enter(server, named('Ann'));
  await ann.say('lobby', 'one');
  await new Promise((done) => setTimeout(done, 3_000)); // twice as long as he may
  const packets = (await (await slow.get()).text()).split('\x1e');
  expect(packets.at(-1)).toContain('42["bye",{"code":"too_slow"');
  expect(seqsIn(packets)).toEqual([1]);
  const end = await (await slow.get()).text();
  expect(end.split('\x1e').at(-1)).toBe('1'); // closed at Engine.IO level
  await eventually(() => expect(server.stats().connections).toBe(1));
});

test('[FAN-6] and so is who does not read his WebSocket', async () => {
  const [server] = (await startServers(redis, 1, { pingTimeoutMs: 2_000 })) as [TestServer];
  const ann = await enter(server, named('Ann'));
  const { raw } = await stalledRaw(server, ann);
  await eventually(() => expect(server.stats().connections).toBe(1));
  await ann.say('lobby', 'still here');
  raw.resume();
  await raw.closed;
});

test('[FAN-7] what is said in a room goes to the servers alone that have somebody in it', async () => {
  const keyPrefix = uniquePrefix();
  const [one, two, three] = (await startServers(redis, 3, { keyPrefix })) as [
    TestServer,
    TestServer,
    TestServer,
  ];
  const room = newRoom();
  const client = await redisClient(redis);
  const hearing = async (): Promise<number> =>
    Object.values(await client.pubSubShardNumSub([roomChannel(keyPrefix, room)]))[0]!;
  const [ann, ben, eve] = await Promise.all([one, two, three].map((server) => enter(server)));
  await ann!.join(room);
  expect(await hearing()).toBe(1);
  await ben!.join(room);
  expect(await hearing()).toBe(2);
  await ben!.say(room, 'hello');
  await ann!.hears(room, 'hello');
  expect(await hearing()).toBe(2); // Eve, on the third, is in the lobby only
  expect(eve!.entries(room)).toEqual([]);
});
