import { writeFileSync } from 'node:fs';
import { eventually } from '../support/eventually';
import { enter, gather, named, newRoom, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { outboxFolder, startServer, uniquePrefix, type TestServer } from '../support/server';
import { startProxy, type TcpProxy } from '../support/tcp-proxy';

/** Two servers of one host, of which the first can be cut off from Redis alone. */
let redis: TestRedis;
let proxy: TcpProxy;
let cut: TestServer;
let well: TestServer;
let folder: string;
let keyPrefix: string;
let room: string;
let ann: Person;
let ben: Person;

const WITHIN_MS = 10_000;

beforeAll(async () => {
  redis = await startRedis();
});

beforeEach(async () => {
  [folder, keyPrefix, room] = [outboxFolder(), uniquePrefix(), newRoom()];
  proxy = await startProxy(redis.port);
  cut = await serverAt(proxy.url);
  well = await serverAt(redis.url);
  [ann, ben] = [await enter(cut, named('Ann')), await enter(well, named('Ben'))];
  await gather(room, ann, ben);
});

const serverAt = (redisUrl: string): Promise<TestServer> =>
  startServer({ redisUrl, settings: { keyPrefix }, outboxFolder: folder });

async function cutOff(): Promise<void> {
  proxy.pause();
  await eventually(() => expect(cut.stats().state).toBe('degraded'));
}

const queue = async (person: Person, text: string, id?: string) => {
  const answer = await person.accepted('sendMessage', { room, text, ...(id && { id }) });
  expect(answer.status).toBe('queued');
  return answer;
};

async function sees(person: Person, texts: string[]): Promise<void> {
  await eventually(() => expect(person.texts(room)).toEqual(texts), WITHIN_MS);
}

test('[QUEUE-1] the same id is the same message on every server of the host, another content a conflict, and nobody else is blocked', async () => {
  await cutOff();
  const first = await queue(ann, 'mine', 'id');
  expect(await queue(ann, 'mine', 'id')).toEqual(first);
  expect(await ann.refusal('sendMessage', { room, text: 'other', id: 'id' })).toBe('id_conflict');
  const again = await enter(well, named('Ann'));
  await again.join(room);
  expect(await again.refusal('sendMessage', { room, text: 'other', id: 'id' })).toBe('id_conflict');
  expect(await again.accepted('sendMessage', { room, text: 'mine', id: 'id' })).toMatchObject({
    at: first.at,
  });
  await ben.accepted('sendMessage', { room, text: 'of somebody else', id: 'id' });
  proxy.resume();
  await eventually(() => expect(ann.texts(room).sort()).toEqual(['mine', 'of somebody else']), WITHIN_MS);
  const { at, seq } = await eventually(() => ann.say(room, 'mine', 'id'), WITHIN_MS);
  expect({ at, seq }).toEqual({
    at: first.at,
    seq: ann.entries(room).find(({ id, from }) => id === 'id' && from.id === 'guest:Ann')!.seq,
  });
});

test('[QUEUE-2] a sender keeps his order over a reconnect to a server that has Redis', async () => {
  await ann.say(room, 'text 1');
  await cutOff();
  for (const i of [2, 3, 4]) await queue(ann, `text ${i}`);
  ann.socket.disconnect();
  const again = await enter(well, named('Ann'));
  await again.join(room);
  for (const i of [5, 6]) await again.accepted('sendMessage', { room, text: `text ${i}` });
  await sees(
    ben,
    [1, 2, 3, 4, 5, 6].map((i) => `text ${i}`),
  );
});

test('[QUEUE-3] what a server that is gone for good has queued is committed by another one, once', async () => {
  await cutOff();
  await queue(ann, 'text 1');
  await queue(ann, 'text 2');
  await cut.stop();
  await sees(ben, ['text 1', 'text 2']);
  await ben.say(room, 'after');
  await sees(ben, ['text 1', 'text 2', 'after']);
});

test('[QUEUE-4] and by the next server that starts, if all were stopped', async () => {
  await cutOff();
  await queue(ann, 'text 1');
  await Promise.all([cut.stop(), well.stop()]);
  const eve = await enter(await serverAt(redis.url), named('Eve'));
  await eventually(async () => {
    const { messages } = await eve.join(room);
    expect(messages.map(({ text }) => text)).toEqual(['text 1']);
  }, WITHIN_MS);
});

test('[QUEUE-5] what is queued is shown as pending on the other server, also to one who joins there, after the answer', async () => {
  await cutOff();
  await queue(ann, 'waits');
  await eventually(() => expect(ben.pendingTexts(room)).toEqual(['waits']));
  const eve = await enter(well, named('Eve'));
  const answer = await eve.join(room);
  expect(answer).toMatchObject({ messages: [], reason: 'fresh' });
  await eventually(() => expect(eve.pendingTexts(room)).toEqual(['waits']));
  proxy.resume();
  await sees(eve, ['waits']);
});

test('[QUEUE-6] what would change a message answers `unavailable` while that is queued', async () => {
  await cutOff();
  const { id } = await queue(ann, 'waits');
  const target = { from: ann.hello.user.id, id };
  const again = await enter(well, named('Ann'));
  await again.join(room);
  for (const person of [ann, again]) {
    expect(await person.refusal('editMessage', { room, target, text: 'other' })).toBe('unavailable');
    expect(await person.refusal('deleteMessage', { room, target })).toBe('unavailable');
    expect(await person.refusal('react', { room, target, emoji: '👍', on: true })).toBe('unavailable');
  }
  expect(await ann.refusal('history', { room })).toBe('unavailable');
});

test('[QUEUE-7] without Redis and without a disk a send is refused for the moment, and the server is bad', async () => {
  const file = `${outboxFolder()}/not-a-folder`;
  writeFileSync(file, '');
  const server = await startServer({ redisUrl: proxy.url, settings: { keyPrefix }, outboxFolder: file });
  const eve = await enter(server, named('Eve'));
  await eve.join(room);
  proxy.pause();
  await eventually(async () =>
    expect(await eve.refusal('sendMessage', { room, text: 'x' })).toBe('unavailable'),
  );
  const response = await fetch(`${server.url}/readyz`);
  expect([response.status, await response.json()]).toEqual([503, { state: 'bad' }]);
  proxy.resume();
  await eventually(() => eve.say(room, 'y', 'y'), WITHIN_MS);
  expect(eve.texts(room)).not.toContain('x');
});

test('[QUEUE-8] who connects meanwhile is shown what waits in the lobby', async () => {
  await cutOff();
  await ann.accepted('sendMessage', 'in the lobby');
  const late = await enter(cut, named('Late'));
  expect(late.hello.rooms[0]).toMatchObject({ room: 'lobby', reason: 'degraded' });
  await eventually(() => expect(late.pendingTexts('lobby')).toEqual(['in the lobby']));
});
