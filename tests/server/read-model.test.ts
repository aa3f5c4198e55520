import fc from 'fast-check';
import { eventually } from '../support/eventually';
import { enter, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

const HEAD = 12;

let servers: TestServer[];
let room: string;
let epoch: string;
let count = 0;

beforeAll(async () => {
  servers = await startServers(await startRedis(), 2);
  room = newRoom();
  const writer = await enter(servers[0]!, named('writer'));
  await writer.join(room);
  ({ epoch } = await writer.sayAll(room, HEAD));
});

/** Three devices of somebody new, on two servers. */
async function devices(): Promise<Person[]> {
  const user = named(`reader ${++count}`);
  const people = await Promise.all([0, 0, 1].map((i) => enter(servers[i]!, user)));
  await Promise.all(people.map((person) => person.join(room)));
  return people;
}

async function readOf(person: Person): Promise<number | undefined> {
  const { rooms } = await person.accepted('rooms', {});
  return rooms.find((row) => row.room === room)?.read;
}

/** Marks that are made at the same time, each on one of the devices. */
const batches = fc.array(
  fc.array(fc.record({ device: fc.nat(2), seq: fc.nat(HEAD + 3) }), { minLength: 1, maxLength: 4 }),
  { minLength: 1, maxLength: 6 },
);

test('[PEOPLE-15] after any marking the position is the furthest, and unread is right', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (all) => {
      const people = await devices();
      let furthest = 0;
      for (const batch of all) {
        const before = furthest;
        const wanted = batch.map(({ seq }) => Math.min(seq, HEAD));
        furthest = Math.max(before, ...wanted);
        const marks = batch.map(({ device, seq }) =>
          people[device]!.accepted('markRead', { room, epoch, seq }),
        );
        for (const [i, answer] of (await Promise.all(marks)).entries()) {
          expect(answer.unread).toBe(HEAD - answer.seq);
          expect(answer.seq).toBeGreaterThanOrEqual(Math.max(before, wanted[i]!));
          expect(answer.seq).toBeLessThanOrEqual(furthest);
        }
      }
      for (const person of people) await eventually(async () => expect(await readOf(person)).toBe(furthest));
      for (const person of people) person.end();
    }),
    { numRuns: 20 },
  );
});
