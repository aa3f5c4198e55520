import { check } from '../../src/load/checker';
import { Crowd } from '../../src/load/crowd';
import { readUsage } from '../../src/usage/reader';
import { roomKeys } from '../../src/server/roomlog/keys';
import type { Live } from '../../src/protocol/ops';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { openRedis } from '../support/open-redis';
import { testFleet } from '../support/fleet';
import { startOps } from '../support/ops';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startCluster, type ClusterNode, type TestCluster } from '../support/redis-cluster';
import { operatorSecret, uniquePrefix, type TestServer } from '../support/server';

/** Servers on a real Redis Cluster: three masters with a replica each. */
let cluster: TestCluster;
let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;
const keyPrefix = uniquePrefix();

const HEALED_WITHIN_MS = 30_000;

beforeAll(async () => {
  cluster = await startCluster();
  [one, two] = (await startServers(cluster, 2, { keyPrefix })) as [TestServer, TestServer];
}, 240_000);

beforeEach(async () => {
  await cluster.healthy();
  await everybodyIs('ok');
  [ann, ben] = [await enter(one, named('Ann')), await enter(two, named('Ben'))];
}, 240_000);

afterEach(() => {
  ann.end();
  ben.end();
});

const everybodyIs = (state: string): Promise<void> =>
  eventually(() => {
    for (const server of [one, two]) expect(server.stats().state).toBe(state);
  }, HEALED_WITHIN_MS);

const masterOf = (room: string): Promise<ClusterNode> => cluster.masterOf(roomKeys(keyPrefix, room)[0]);

async function roomNotAt(master: ClusterNode): Promise<string> {
  for (;;) {
    const room = newRoom();
    if ((await masterOf(room)) !== master) return room;
  }
}

async function talk(rooms: string[]): Promise<void> {
  for (const room of rooms) {
    await gather(room, ann, ben);
    await ann.say(room, `from Ann in ${room}`);
    await ben.say(room, `from Ben in ${room}`);
    for (const person of [ann, ben])
      for (const name of ['Ann', 'Ben']) await person.hears(room, `from ${name} in ${room}`);
  }
}

async function operate(server: TestServer, what: string, body: object): Promise<object> {
  const headers = { Authorization: `Bearer ${operatorSecret}`, 'Content-Type': 'application/json' };
  const response = await fetch(`${server.url}/operator/${what}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  });
  return (await response.json()) as object;
}

test('[CLUSTER-4] messages, history, presence, memberships, read marks and counters work in rooms of all masters', async () => {
  const rooms = Array.from({ length: 12 }, newRoom);
  const masters = await Promise.all(rooms.map(masterOf));
  expect(new Set(masters).size).toBe(3);
  await talk(rooms);
  for (const room of rooms) {
    const { messages } = await ben.accepted('history', { room });
    expect(messages.map(({ text }) => text)).toEqual([`from Ann in ${room}`, `from Ben in ${room}`]);
    await eventually(async () => {
      const { count, partial } = await ann.accepted('members', { room });
      expect([count, partial]).toEqual([2, undefined]);
    });
    const { epoch, seq } = ben.entries(room).at(-1)! as { epoch: string; seq: number };
    await eventually(async () =>
      expect(await ben.accepted('markRead', { room, epoch, seq })).toMatchObject({ seq, unread: 0 }),
    );
  }
  const { rooms: listed } = await ben.accepted('rooms', {});
  for (const room of rooms) expect(listed.find((row) => row.room === room)).toMatchObject({ head: 2, n: 2 });

  const redis = await openRedis(cluster.url);
  await eventually(async () => {
    const hours = await readUsage(redis, keyPrefix, Date.now() - 3_600_000, Date.now());
    const sends = hours.reduce((sum, { totals }) => sum + (totals['calls.sendMessage'] ?? 0), 0);
    expect(sends).toBe(2 * rooms.length);
  });
}, 120_000);

test('[CLUSTER-4] a ban and a kick on one server hold on the other', async () => {
  const eve = await enter(two, named('Eve'));
  const gone = new Promise((resolve) => eve.socket.once('bye', resolve));
  expect(await operate(one, 'kick', { user: 'guest:Eve', banMs: 60_000 })).toMatchObject({
    ended: 1,
    everywhere: true,
  });
  expect(await gone).toMatchObject({ code: 'kicked' });
  await expect(enter(two, named('Eve'))).rejects.toMatchObject({ data: { code: 'kicked' } });
});

test('[CLUSTER-5] a master killed under load, its replica takes over: nothing acknowledged is lost, other rooms go on', async () => {
  const crowdRooms = Array.from({ length: 9 }, newRoom);
  const victim = await masterOf(crowdRooms[0]!);
  const rooms = (client: number): string[] => [0, 1, 2].map((i) => crowdRooms[(client + 3 * i) % 9]!);
  const transports = ['websocket', 'polling', 'upgrade'] as const;
  const crowd = new Crowd({ urls: [one.url, two.url], clients: 36, transports: [...transports], rooms });
  onCleanup(() => crowd.close());
  await crowd.connectAll();
  // Not one of the crowd's: Ann is in none of its journals.
  const elsewhere = await roomNotAt(victim);
  await gather(elsewhere, ann, ben);
  await gather(crowdRooms[0]!, ben);

  const traffic = crowd.sendSteadily({ ratePerSecond: 60, forMs: 20_000, rooms: crowdRooms });
  await eventually(() => expect(ben.entries(crowdRooms[0]!).length).toBeGreaterThan(5));
  const killedAt = performance.now();
  await victim.kill();
  await eventually(() => expect(one.stats().queued + two.stats().queued).toBeGreaterThan(0));
  // Its replica has not taken over yet: the others do not wait for that.
  for (let i = 1; i <= 5; i++) await ann.say(elsewhere, `meanwhile ${i}`);
  expect(one.stats().queued + two.stats().queued).toBeGreaterThan(0);
  expect(one.stats().state).toBe('degraded');
  await everybodyIs('ok');
  await eventually(() => expect(one.stats().queued + two.stats().queued).toBe(0), HEALED_WITHIN_MS);
  console.info(`all is committed ${Math.round(performance.now() - killedAt)} ms after the kill`);
  victim.start();
  await traffic;

  const logs = await crowd.settle(HEALED_WITHIN_MS);
  const report = check({ seed: crowd.seed, journals: crowd.journals, logs });
  console.info(JSON.stringify(report));
  expect(report).toMatchObject({ examples: [], violations: 0, sends: 1_200 });
}, 120_000);

/** Says something in the room again and again until `done`; everything is to be there once, in order, at everybody. */
async function talkWhile(room: string, fault: () => Promise<unknown>): Promise<void> {
  await gather(room, ann, ben);
  let isDone = false;
  const ended = fault().finally(() => (isDone = true));
  const said: string[] = [];
  for (let i = 1; !isDone || i < 20; i++) {
    said.push(`word ${i}`);
    await ann.accepted('sendMessage', { room, text: `word ${i}` });
    await new Promise((resolve) => setTimeout(resolve, 50)); // somebody who says 20 things a second
  }
  await ended;
  for (const person of [ann, ben]) {
    await eventually(() => expect(person.texts(room)).toEqual(said), HEALED_WITHIN_MS);
    expect(person.run(room).faults).toEqual([]);
  }
}

test('[CLUSTER-6] a master frozen while people talk: its replica takes over, and nothing is lost', async () => {
  const room = newRoom();
  const master = await masterOf(room);
  onCleanup(() => master.thaw());
  await talkWhile(room, async () => {
    master.freeze();
    await eventually(async () => expect(await masterOf(room)).not.toBe(master), HEALED_WITHIN_MS);
    await eventually(() => expect(one.stats().state).toBe('ok'), HEALED_WITHIN_MS);
  });
  master.thaw();
}, 120_000);

test('[CLUSTER-7] the slot of a room moves to another master while people talk there', async () => {
  const room = newRoom();
  const from = await masterOf(room);
  const to = (await cluster.masters()).find((node) => node !== from)!;
  await talkWhile(room, () => cluster.moveSlot(roomKeys(keyPrefix, room)[0], from, to));
  expect(await masterOf(room)).toBe(to);
}, 120_000);

test('[CLUSTER-8] a replica takes over that has not got the last messages: they are put back', async () => {
  const room = newRoom();
  const master = await masterOf(room);
  await gather(room, ann, ben);
  const said = Array.from({ length: 20 }, (_, i) => `word ${i + 1}`);
  for (const text of said.slice(0, 10)) await ann.say(room, text);
  await cluster.cutReplica(master);
  for (const text of said.slice(10)) await ann.say(room, text);
  const { epoch: before } = await ann.accepted('history', { room });
  await master.kill();
  await eventually(async () => expect(await masterOf(room)).not.toBe(master), HEALED_WITHIN_MS);
  await everybodyIs('ok');
  master.start();
  await eventually(async () => {
    for (const person of [ann, ben]) {
      const { messages, epoch } = await person.accepted('history', { room });
      expect(messages.map(({ text }) => text)).toEqual(said);
      expect(epoch).not.toBe(before); // they were lost indeed
      expect(person.run(room).faults).toEqual([]);
    }
  }, HEALED_WITHIN_MS);
}, 120_000);

test('[CLUSTER-10] the operator sees the masters together', async () => {
  const redis = { url: cluster.url };
  const ops = await startOps({ redis, keyPrefix, basePort: 1, servers: 1 });
  const clients = await Promise.all((await cluster.masters()).map((master) => cluster.clientsOf(master)));
  await eventually(async () => {
    const { redis: seen } = await ops.json<Live>('/ops/live');
    expect(seen.up).toBe(true);
    // Others come and go meanwhile.
    expect(seen.clients).toBeGreaterThan(Math.max(...clients));
  });
});

test('[CLUSTER-11] a fleet starts on a cluster, and its commands read from all of that', async () => {
  const fleet = await testFleet(2);
  const env = { REDIS_URL: cluster.url, KEY_PREFIX: uniquePrefix() };
  const up = await fleet.run(['up'], env);
  expect(up).toMatchObject({ code: 0, stderr: expect.stringContaining('ok    message') as string });
  const { stdout } = await fleet.run(['report'], env);
  expect(stdout).not.toContain('Redis does not answer');
  const doctor = await fleet.run(['doctor', '--json'], env);
  expect(doctor.stdout).not.toContain('Redis does not answer');
  expect((await fleet.run(['down'], env)).code).toBe(0);
}, 120_000);
