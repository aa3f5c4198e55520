import type { User } from '../../src/protocol/entries';
import { Attendance } from '../support/attendance';
import { eventually } from '../support/eventually';
import { enter, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

const CROWD = 1_000;
/** More at once would wait for each other in the backlog of the test's own process. */
const AT_ONCE = 50;

let servers: TestServer[];

beforeAll(async () => (servers = await startServers(await startRedis(), 2)), 60_000);

async function walk(person: Person, room: string): Promise<{ counts: number[]; all: User[] }> {
  const counts: number[] = [];
  const all: User[] = [];
  let cursor: string | undefined;
  do {
    const page = await person.accepted('members', cursor === undefined ? { room } : { room, cursor });
    expect(page.members.length).toBeLessThanOrEqual(200);
    counts.push(page.count);
    all.push(...page.members);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { counts, all };
}

test('[PRES-4] [PRES-5] [PRES-6] [TYPE-5] when 1,000 come into a room, each is told once a second, above 200 the count alone', async () => {
  const room = newRoom();
  const told: Attendance[] = [];
  const people: Person[] = [];
  const comeIn = async (i: number): Promise<void> => {
    const options = { ...named(`Person ${i}`), transports: ['websocket'] };
    const person = await enter(servers[i % 2]!, options);
    told.push(new Attendance(person, room));
    people.push(person);
    await person.join(room);
  };
  const queue = Array.from({ length: CROWD }, (_, i) => i);
  const worker = async (): Promise<void> => {
    for (let i = queue.shift(); i !== undefined; i = queue.shift()) await comeIn(i);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await eventually(() => expect(told.map(({ count }) => count)).toEqual(told.map(() => CROWD)));
  const seconds = (performance.now() - start) / 1_000;

  for (const { packets, at } of told) {
    expect(packets.length).toBeLessThanOrEqual(seconds + 1);
    // What was sent a second apart may come a little less apart.
    expect(at.filter((ms, i) => i > 0 && ms - at[i - 1]! < 700)).toEqual([]);
    for (const packet of packets)
      if (packet.count > 200) expect(packet).toStrictEqual({ room, count: packet.count });
  }

  const { counts, all } = await walk(people[0]!, room);
  expect(counts).toEqual(Array(5).fill(CROWD));
  const ids = Array.from({ length: CROWD }, (_, i) => `guest:Person ${i}`).sort();
  expect(all.map(({ id }) => id)).toEqual(ids);

  await people[0]!.accepted('typing', { room, active: true });
  await people[1]!.accepted('leave', { room });
  await eventually(() => expect(told[0]!.count).toBe(CROWD - 1));
  expect(told.flatMap(({ typing }) => typing)).toEqual([]);
}, 180_000);
