import { MAX_EDITS } from '../../src/protocol/limits';
import { enter, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import type { TestServer } from '../support/server';
import { tokenFor } from '../support/tokens';

let redis: TestRedis;
let server: TestServer;

beforeAll(async () => {
  redis = await startRedis();
  [server] = (await startServers(redis, 1)) as [TestServer];
});

/** Ann, and a room that only her first token lets her into, with three messages. */
async function annInTeam(): Promise<{ ann: Person; team: string; less: string }> {
  const team = `team-${newRoom()}`;
  const ben = await enter(server, named('Ben'));
  await ben.join(team);
  await ben.sayAll(team, 3);
  const ann = await enter(server, { auth: { token: await tokenFor({ rooms: ['team-*'] }) } });
  return { ann, team, less: await tokenFor({ rooms: ['other'] }) };
}

test('[AUTH-15] what still waits to be read is refused when a new token takes the right away', async () => {
  const { ann, team, less } = await annInTeam();
  await ann.join(team);
  const reads = Array.from({ length: 60 }, (_, i) =>
    i % 2 ? ann.refusal('history', { room: team }) : ann.refusal('members', { room: team }),
  );
  const refreshed = ann.accepted('refreshToken', { token: less });
  const late = ann.refusal('search', { room: team, query: 'text' });
  await refreshed;
  expect(await late).toBe('not_a_member');
  for (const code of await Promise.all(reads)) expect([undefined, 'not_a_member']).toContain(code);
});

test('[AUTH-15] a join under way is forbidden then, or was answered before', async () => {
  for (let i = 0; i < 10; i++) {
    const { ann, team, less } = await annInTeam();
    const joining = ann.ask('join', { room: team });
    await ann.accepted('refreshToken', { token: less });
    const answer = await joining;
    if (answer.ok) expect(answer).toMatchObject({ epoch: expect.any(String) as string, head: 3 });
    else expect(answer.error.code).toBe('forbidden');
    expect(await ann.refusal('sendMessage', { room: team, text: 'hi' })).toBe('not_a_member');
    ann.end();
  }
});

test('[AUTH-16] an id in whatever spelling of Unicode is one user', async () => {
  const enterAs = async (sub: string) => enter(server, { auth: { token: await tokenFor({ sub }) } });
  const [one, other] = [await enterAs('jose\u0301'), await enterAs('jos\u00e9')];
  expect(one.hello.user.id).toBe('jos\u00e9');
  expect(other.hello.user.id).toBe('jos\u00e9');
});

test('[ENTRY-18] a message takes 100 edits, and deleting it then takes all of their texts away', async () => {
  const ann = await enter(server, named('Ann'));
  const room = newRoom();
  await ann.join(room);
  const { id } = await ann.say(room, 'first');
  const target = { from: ann.hello.user.id, id };
  for (let i = 1; i <= MAX_EDITS; i++) await ann.accepted('editMessage', { room, target, text: `edit ${i}` });
  expect(await ann.refusal('editMessage', { room, target, text: 'one more' })).toBe('too_large');
  await ann.accepted('deleteMessage', { room, target });
  const { messages } = await ann.accepted('history', { room });
  expect(messages).toMatchObject([{ id, deleted: true }]);
});

test('[HARD-16] a hundred searches that wait do not hold up a stop', async () => {
  const [busy] = (await startServers(redis, 1)) as [TestServer];
  const ann = await enter(busy, named('Ann'));
  const room = newRoom();
  await ann.join(room);
  await ann.sayAll(room, 1_000);
  const searches = Array.from({ length: 99 }, () => ann.refusal('search', { room, query: 'no such text' }));
  await ann.accepted('typing', { room, active: true }); // all have been received
  await busy.stop();
  expect(await searches[98]).toBe('draining');
  await Promise.all(searches);
});

test('[LIMIT-7] pages of history are limited as joins are, and the time of the refusal is true', async () => {
  const [limited] = await startServers(redis, 1, { sendsPerSecond: 2, sendsBurst: 5 });
  const ann = await enter(limited!, named('Ann'));
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ann.ask('history', { room: 'lobby', limit: 1 })),
  );
  const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]));
  expect(refused.length).toBeGreaterThanOrEqual(7); // a burst of 10, and what two a second add
  expect(refused.map(({ code }) => code)).toEqual(refused.map(() => 'rate_limited'));
  await new Promise((done) => setTimeout(done, refused[0]!.retryAfterMs)); // the promise under test
  await ann.accepted('history', { room: 'lobby', limit: 1 });
});
