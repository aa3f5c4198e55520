import { createHash } from 'node:crypto';
import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;
let eve: Person;

beforeAll(async () => {
  [one, two] = (await startServers(await startRedis(), 2)) as [TestServer, TestServer];
  ann = await enter(one, named('Ann'));
  ben = await enter(two, named('Ben'));
  eve = await enter(two, named('Eve'));
});

describe('names of rooms', () => {
  test('[ROOM-1] two spellings are one room, and answers and entries carry the NFC name', async () => {
    const base = newRoom();
    const [typed, nfc] = [`${base}-cafe\u0301-\u1112\u1161\u11ab`, `${base}-caf\u00e9-\ud55c`];
    expect((await ann.join(typed)).room).toBe(nfc);
    expect((await ben.join(nfc)).room).toBe(nfc);
    expect((await ann.say(typed, 'hi')).room).toBe(nfc);
    expect(await ben.hears(nfc, 'hi')).toMatchObject({ room: nfc, seq: 1 });
    const history = await ben.accepted('history', { room: typed });
    expect([history.room, history.messages[0]!.room]).toEqual([nfc, nfc]);
    expect((await ann.accepted('detach', { room: typed })).room).toBe(nfc);
    expect((await ben.accepted('leave', { room: typed })).room).toBe(nfc);
    expect(await ann.refusal('sendMessage', { room: nfc, text: 'x' })).toBe('not_a_member');
  });

  test('[ROOM-1] a resumed room may be named in another spelling', async () => {
    const base = newRoom();
    const [typed, nfc] = [`${base}-e\u0301`, `${base}-\u00e9`];
    const { epoch, upTo } = await ann.join(nfc);
    const again = await enter(two, { auth: { rooms: { [typed]: { epoch, seq: upTo } } } });
    expect(again.hello.rooms.map(({ room }) => room)).toContain(nfc);
    await again.say(typed, 'resumed');
  });

  test.each([
    ['one letter', 'x'],
    ['one digit', '7'],
    ['64 letters', 'r'.repeat(64)],
    ['64 letters outside the basic plane', '𐐀'.repeat(64)],
    ['64 Korean syllables, decomposed', '\uac01'.repeat(64).normalize('NFD')],
    ['dots, underscores, colons and hyphens', '._:-'],
    ['Korean', '개발팀'],
    ['Arabic with its own digits', 'غرفة-٠١٢'],
    ['Devanagari with marks', 'हिन्दी_कमरा'],
    ['Thai with marks and digits', 'ห้อง๑๒'],
    ['a name from the prototype', '__proto__'],
    ['another name from the prototype', 'constructor'],
    ['a third name from the prototype', 'hasOwnProperty'],
  ])('[ROOM-2] %s is the name of a room where people can talk', async (_, room) => {
    const nfc = room.normalize('NFC');
    await gather(room, ann, ben);
    const place = await ann.say(room, 'hello there');
    expect(place.room).toBe(nfc);
    await ben.reaches(nfc, place.seq);
    const { messages } = await ben.accepted('history', { room });
    expect(messages.at(-1)).toMatchObject({ room: nfc, text: 'hello there', seq: place.seq });
    const rooms = JSON.parse(
      `{${JSON.stringify(room)}:${JSON.stringify({ epoch: place.epoch, seq: place.seq })}}`,
    ) as object;
    const again = await enter(two, { auth: { rooms } });
    expect(again.hello.rooms).toContainEqual(expect.objectContaining({ room: nfc, reason: 'none' }));
    for (const person of [ann, ben]) await person.accepted('leave', { room });
  });

  test.each<unknown>([
    ...[
      '',
      ' ',
      'a b',
      'a/b',
      '#a',
      'a,b',
      '{x}',
      'a*',
      'a\n',
      'a\0',
      '😀',
      'a+b',
      '<b>',
      "'",
      '"',
      '\\',
      '\ud800',
    ],
    ...[
      'a\u200b',
      '\u202ea',
      'r'.repeat(65),
      '𐐀'.repeat(65),
      5,
      null,
      true,
      {},
      ['lobby'],
      { room: 'lobby' },
    ],
  ])('[ROOM-3] %j is no name of a room', async (room) => {
    for (const event of ['join', 'history', 'detach', 'leave'])
      expect([event, await ann.refusal(event, { room })]).toEqual([event, 'invalid']);
    expect(await ann.refusal('sendMessage', { room, text: 'x' })).toBe('invalid');
  });

  test('[ROOM-4] any room exists from its first join; nobody else hears of it', async () => {
    const [room, other] = [newRoom(), newRoom()];
    await gather(room, ann, ben);
    await eve.join(other);
    await ann.say(room, 'between us');
    await ben.reaches(room, 1);
    await eve.say(other, 'alone');
    await eve.reaches(other, 1);
    expect(eve.entries(room)).toEqual([]);
    expect(ann.entries(other)).toEqual([]);
  });
});

describe('direct rooms', () => {
  const part = (user: string): string => createHash('sha256').update(user).digest('hex').slice(0, 28);
  const direct = (...users: string[]): string => `dm:${users.map(part).sort().join(':')}`;
  const room = direct('guest:Ann', 'guest:Ben');

  test('[ROOM-5] a direct room is for its two people', async () => {
    expect((await ann.join(room)).room).toBe(room);
    await ben.join(room);
    const { seq } = await ann.say(room, 'just you');
    await ben.reaches(room, seq);
    const again = await enter(one, named('Ben'));
    expect((await again.join(room)).messages.at(-1)!.text).toBe('just you');
  });

  test('[ROOM-5] for everybody else it is forbidden, whether it exists or not', async () => {
    const { epoch } = await ann.join(room);
    const nobodys = direct('guest:A', 'guest:B');
    const ownHalf = `dm:${part('guest:Eve')}:${part('guest:Eve').replace(/./g, 'x')}`;
    for (const forbidden of [room, nobodys, 'dm:', 'dm:x', ownHalf]) {
      expect([forbidden, await eve.refusal('join', { room: forbidden })]).toEqual([forbidden, 'forbidden']);
      expect(['forbidden', 'not_a_member']).toContain(await eve.refusal('history', { room: forbidden }));
      expect(['forbidden', 'not_a_member']).toContain(
        await eve.refusal('sendMessage', { room: forbidden, text: 'x' }),
      );
    }
    const since = { epoch: epoch!, seq: 0 };
    expect(await eve.refusal('join', { room, since })).toBe('forbidden');
    await ann.say(room, 'still just you');
    await ben.hears(room, 'still just you');
    expect(eve.entries(room)).toEqual([]);
  });
});
