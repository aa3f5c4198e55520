import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

let one: TestServer;
let two: TestServer;
let ann: Person;
let ben: Person;
let ben2: Person;

beforeAll(async () => {
  [one, two] = (await startServers(await startRedis(), 2)) as [TestServer, TestServer];
  ann = await enter(one, named('Ann'));
  ben = await enter(two, named('Ben'));
  ben2 = await enter(one, named('Ben'));
});

describe.each(['detach', 'leave'] as const)('%s', (event) => {
  test('[LEAVE-1] after the answer nothing of the room comes, and sending to it is not_a_member', async () => {
    const room = newRoom();
    await gather(room, ann, ben);
    let busy = true;
    const traffic = (async () => {
      for (let i = 0; busy; i++) await ann.say(room, `busy ${i}`);
    })();
    await ben.reaches(room, 20);
    expect(await ben.accepted(event, { room })).toStrictEqual({ ok: true, room });
    expect(await ben.refusal('sendMessage', { room, text: 'x' })).toBe('not_a_member');
    await ann.reaches(room, ann.run(room).upTo + 20);
    busy = false;
    await traffic;
    await ann.say('lobby', `${room} is over`);
    await ben.hears('lobby', `${room} is over`);
    expect(ben.run(room).faults).toEqual([]);
  });

  test('[LEAVE-2] a string to a lobby that was left is not_a_member; the next connection is in it again', async () => {
    const cleo = await enter(two, named('Cleo'));
    await cleo.accepted(event, { room: 'lobby' });
    expect(await cleo.refusal('sendMessage', 'x')).toBe('not_a_member');
    await ann.say('lobby', 'Cleo does not hear this');
    await ben.hears('lobby', 'Cleo does not hear this');
    const again = await enter(two, named('Cleo'));
    await again.accepted('sendMessage', 'Cleo is here');
    await ann.hears('lobby', 'Cleo is here');
    expect(cleo.entries('lobby')).toEqual([]);
  });

  test('[LEAVE-3] other connections of the same user stay joined', async () => {
    const room = newRoom();
    await gather(room, ann, ben, ben2);
    await ben.accepted(event, { room });
    await ben2.say(room, 'still here');
    await ann.say(room, 'to the other Ben');
    await ben2.reaches(room, 2);
    expect(ben2.run(room).faults).toEqual([]);
    expect(ben.entries(room)).toEqual([]);
  });

  test('[LEAVE-4] one can join again and goes on where one wants', async () => {
    const room = newRoom();
    await gather(room, ann, ben);
    const { epoch } = await ann.say(room, 'one');
    await ben.reaches(room, 1);
    await ben.accepted(event, { room });
    await ann.say(room, 'two');
    expect(await ben.join(room, { epoch, seq: 1 })).toMatchObject({ reason: 'none', upTo: 1 });
    await ben.say(room, 'three');
    await ben.reaches(room, 3);
    expect(ben.texts(room)).toEqual(['one', 'two', 'three']);
    expect(ben.run(room).faults).toEqual([]);
  });

  test('[LEAVE-5] leaving while a join is under way ends outside', async () => {
    const room = newRoom();
    await ann.join(room);
    for (let i = 0; i < 10; i++) {
      await Promise.all([ben.join(room), ben.accepted(event, { room }), ann.say(room, `m${i}`)]);
      expect(await ben.refusal('sendMessage', { room, text: 'x' })).toBe('not_a_member');
    }
    await ann.say('lobby', `${room} is done`);
    await ben.hears('lobby', `${room} is done`);
    expect(ben.run(room).faults).toEqual([]);
  });
});
