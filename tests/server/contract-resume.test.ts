import { createHash } from 'node:crypto';
import type { Position } from '../../src/protocol/entries';
import { enter, named, newRoom, refusedConnection, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

let one: TestServer;
let two: TestServer;
let ann: Person;

beforeAll(async () => {
  [one, two] = (await startServers(await startRedis(), 2)) as [TestServer, TestServer];
  ann = await enter(one, named('Ann'));
});

const resume = (rooms: Record<string, Position>, server = two): Promise<Person> =>
  enter(server, { auth: { name: 'Ben', rooms } });

async function roomWith(count: number): Promise<{ room: string; epoch: string }> {
  const room = newRoom();
  const { epoch } = await ann.join(room);
  if (count > 0) await ann.sayAll(room, count);
  return { room, epoch: epoch! };
}

const rowOf = (person: Person, room: string) => person.hello.rooms.find((row) => row.room === room);

describe('resume by auth.rooms', () => {
  test('[RESUME-1] a room with a position that can go on is joined before hello, and goes on there', async () => {
    const { room, epoch } = await roomWith(20);
    const ben = await resume({ [room]: { epoch, seq: 12 } });
    expect(rowOf(ben, room)).toStrictEqual({
      room,
      epoch,
      head: 20,
      n: 20,
      read: 0,
      upTo: 12,
      reason: 'none',
    });
    await ben.say(room, 'back again');
    await ben.reaches(room, 21);
    expect(ben.entries(room).map(({ seq }) => seq)).toEqual([13, 14, 15, 16, 17, 18, 19, 20, 21]);
    expect(ben.run(room).faults).toEqual([]);
    expect(ben.journal[0]!.what).toBe('hello');
  });

  test('[RESUME-1] after a broken connection the run goes on at another server without hole or repeat', async () => {
    const { room } = await roomWith(0);
    const before = await enter(one);
    await before.join(room);
    let busy = true;
    const traffic = (async () => {
      for (let i = 0; busy; i++) await ann.say(room, `busy ${i}`);
    })();
    let person = before;
    for (const server of [two, one, two]) {
      await person.reaches(room, (await ann.say(room, 'mark')).seq);
      person.socket.io.engine.close();
      const { epoch, upTo } = person.run(room);
      person = await resume({ [room]: { epoch: epoch!, seq: upTo } }, server);
      expect(rowOf(person, room)).toMatchObject({ reason: 'none', upTo });
    }
    busy = false;
    await traffic;
    const { seq } = await ann.say(room, 'quiet');
    await person.reaches(room, seq);
    expect(person.run(room).faults).toEqual([]);
  });

  test('[RESUME-1] 1,000 behind goes on', async () => {
    const { room, epoch } = await roomWith(1_000);
    const ben = await resume({ [room]: { epoch, seq: 0 } });
    expect(rowOf(ben, room)).toMatchObject({ reason: 'none', upTo: 0, head: 1_000 });
    await ben.reaches(room, 1_000);
    expect(ben.entries(room)).toHaveLength(1_000);
    expect(ben.run(room).faults).toEqual([]);
  });

  test.each<[string, (epoch: string) => Position, number]>([
    ['epoch', (epoch) => ({ epoch: `${epoch}x`, seq: 1 }), 3],
    ['far', (epoch) => ({ epoch, seq: 9 }), 3],
    ['far', (epoch) => ({ epoch, seq: 0 }), 1_001],
  ])('[RESUME-2] with reason %s a room is not joined until join', async (reason, since, count) => {
    const { room, epoch } = await roomWith(count);
    const ben = await resume({ [room]: since(epoch) });
    expect(rowOf(ben, room)).toMatchObject({ epoch, head: count, n: count, reason });
    expect(await ben.refusal('sendMessage', { room, text: 'x' })).toBe('not_a_member');
    const witness = await enter(two);
    await witness.join(room);
    await ann.say(room, 'unheard');
    await witness.hears(room, 'unheard');
    expect(ben.entries(room)).toEqual([]);
    expect((await ben.join(room, since(epoch))).messages.at(-1)!.text).toBe('unheard');
    await ann.say(room, 'heard');
    await ben.reaches(room, count + 2);
    expect(ben.run(room).faults).toEqual([]);
  });

  test('[RESUME-3] an unnamed lobby is fresh beside the named rooms', async () => {
    const { room, epoch } = await roomWith(2);
    const { seq } = await ann.accepted('sendMessage', 'old').then((answer) => answer as { seq: number });
    const ben = await resume({ [room]: { epoch, seq: 2 } });
    expect(ben.hello.rooms).toHaveLength(2);
    expect(rowOf(ben, 'lobby')).toMatchObject({ reason: 'fresh', head: seq, upTo: seq });
    await ann.say('lobby', 'new');
    await ben.hears('lobby', 'new');
    expect(ben.texts('lobby')).toEqual(['new']);
  });

  test('[RESUME-4] a named lobby goes on at its position', async () => {
    const first = await ann.say('lobby', 'seen');
    await ann.say('lobby', 'missed');
    const ben = await resume({ lobby: { epoch: first.epoch, seq: first.seq } });
    expect(ben.hello.rooms).toHaveLength(1);
    expect(rowOf(ben, 'lobby')).toMatchObject({ reason: 'none', upTo: first.seq });
    await ben.hears('lobby', 'missed');
    expect(ben.run('lobby').faults).toEqual([]);
    expect(ben.entries('lobby')[0]!.seq).toBe(first.seq + 1);
  });

  test('[RESUME-4] a named lobby with another reason is not joined until join', async () => {
    const ben = await resume({ lobby: { epoch: 'of another log', seq: 3 } });
    expect(rowOf(ben, 'lobby')).toMatchObject({ reason: 'epoch' });
    expect(await ben.refusal('sendMessage', 'x')).toBe('not_a_member');
    const witness = await enter(two);
    await ann.say('lobby', 'not for Ben');
    await witness.hears('lobby', 'not for Ben');
    expect(ben.entries('lobby')).toEqual([]);
    expect((await ben.join('lobby')).messages.at(-1)!.text).toBe('not for Ben');
    await ben.accepted('sendMessage', 'here again');
    await ben.hears('lobby', 'here again');
    expect(ben.run('lobby').faults).toEqual([]);
  });

  test('[RESUME-5] a room that may not be joined is missing, and nothing of it comes', async () => {
    const hash = (user: string) => createHash('sha256').update(user).digest('hex').slice(0, 28);
    const direct = `dm:${[hash('guest:Ann'), hash('guest:Cleo')].sort().join(':')}`;
    const { epoch } = await ann.join(direct);
    const ben = await resume({ [direct]: { epoch: epoch!, seq: 0 } });
    expect(ben.hello.rooms.map(({ room }) => room)).toEqual(['lobby']);
    await ann.say(direct, 'secret');
    await ann.say('lobby', 'to all');
    await ben.hears('lobby', 'to all');
    expect(ben.entries(direct)).toEqual([]);
    expect(await ben.refusal('sendMessage', { room: direct, text: 'x' })).toBe('not_a_member');
  });

  const position = { epoch: 'e', seq: 1 };
  test.each<[string, unknown]>([
    ['an invalid name', { 'a b': position }],
    ['an empty name', { '': position }],
    ['a name of 65 letters', { ['r'.repeat(65)]: position }],
    ['an invalid name among good ones', { lobby: position, 'x/y': position }],
    ['no position', { room: null }],
    ['a number for a position', { room: 5 }],
    ['a position without epoch', { room: { seq: 1 } }],
    ['a position without seq', { room: { epoch: 'e' } }],
    ['an unknown key', { room: { ...position, n: 1 } }],
    ['a negative seq', { room: { epoch: 'e', seq: -1 } }],
    ['half a seq', { room: { epoch: 'e', seq: 0.5 } }],
    ['a seq in a string', { room: { epoch: 'e', seq: '1' } }],
    ['a list', ['lobby']],
    ['null', null],
    ['a string', 'lobby'],
    ['prototype keys in a position', { room: JSON.parse('{"epoch":"e","seq":1,"__proto__":{}}') as object }],
  ])('[RESUME-6] auth.rooms with %s refuses the connection as invalid', async (_, rooms) => {
    expect((await refusedConnection(two.url, { auth: { rooms } })).code).toBe('invalid');
  });
});
