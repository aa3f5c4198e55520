import { SHEDDABLE, TestGauge } from '../support/gauge';
import { eventually } from '../support/eventually';
import { enter, gather, named, newRoom, type Person } from '../support/person';
import { openRaw } from '../support/raw';
import { startRedis } from '../support/redis';
import { connect, next, startServer, type TestServer } from '../support/server';

const gauge = new TestGauge();
let server: TestServer;
let ann: Person;
let ben: Person;
const room = newRoom();

beforeAll(async () => {
  const redis = await startRedis();
  server = await startServer({ redisUrl: redis.url, load: gauge });
  await eventually(() => expect(server.stats().state).toBe('ok'));
  [ann, ben] = [await enter(server, named('Ann')), await enter(server, named('Ben'))];
  await gather(room, ann, ben);
});
afterEach(() => gauge.given.clear());

const handshake = (): Promise<Response> => fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);

test('[OVER-1] typing is acknowledged and not told while it is given up', async () => {
  const told: boolean[] = [];
  ben.socket.on('typing', ({ active }) => told.push(active));
  gauge.given.add('typing');
  await ann.accepted('typing', { room, active: true });
  gauge.given.clear();
  await ann.accepted('typing', { room, active: true });
  const { seq } = await ann.say(room, 'done');
  await ben.reaches(room, seq);
  expect(told).toEqual([true]);
});

test('[OVER-1] messages go on while typing, presence and windows have given way', async () => {
  gauge.given.add('typing').add('presence');
  gauge.busy = 1;
  const { seq } = await ann.say(room, 'late by a window at most');
  await ben.reaches(room, seq);
  gauge.busy = 0;
});

test('[OVER-5] an overloaded server answers handshakes 503 with Retry-After, on both transports, and is no bad server', async () => {
  gauge.given.add('handshakes');
  const [polling, websocket] = [await handshake(), await openRaw(server.url)];
  expect([polling.status, websocket.status]).toEqual([503, 503]);
  expect(Number(polling.headers.get('retry-after'))).toBe(2);
  expect(await polling.json()).toMatchObject({ code: 'overloaded' });
  expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ state: 'ok' });
  expect(server.stats()).toMatchObject({ state: 'overloaded', refused: 2 });
  await ann.say(room, 'who is in goes on'); // by the same server
});

test.each([[['polling', 'websocket']], [['polling']], [['websocket']]])(
  '[OVER-5] stock clients that were refused come in by themselves when it is over (%s)',
  async (transports) => {
    gauge.given.add('handshakes');
    const before = server.stats().refused;
    const socket = connect(server.url, { transports, reconnection: true, reconnectionDelay: 100 });
    await eventually(() => expect(server.stats().refused).toBeGreaterThan(before + 1));
    gauge.given.clear();
    expect(await next(socket, 'hello')).toMatchObject({ server: server.name });
  },
);

test('[OVER-3] an overloaded server refuses sends with a time to come again, keeps nothing of them, and takes the retry', async () => {
  gauge.given.add('sends');
  const [before, refused] = [server.stats().refused, SHEDDABLE.length];
  for (const event of SHEDDABLE) {
    const answer = await ann.ask(event, {} as never); // before it is looked at
    expect(answer).toEqual({
      ok: false,
      error: { code: 'overloaded', message: expect.any(String) as string, retryAfterMs: 1_500 },
    });
  }
  expect(server.stats().refused - before).toBe(refused);
  expect(await ann.refusal('sendMessage', { room, text: 'again', id: 'again' })).toBe('overloaded');
  gauge.given.clear();
  const { seq } = await ann.say(room, 'again', 'again');
  await ben.reaches(room, seq);
  expect(ben.texts(room).filter((text) => text === 'again')).toHaveLength(1);
});

test('[OVER-3] what keeps people in is not refused', async () => {
  gauge.given.add('sends');
  await ann.join(room);
  await ann.accepted('typing', { room, active: false });
  await ann.accepted('detach', { room });
  await ann.accepted('leave', { room });
});

test('[OVER-3] refusals are out before a server stops', async () => {
  const load = new TestGauge();
  load.given.add('sends');
  const redis = await startRedis();
  const stopping = await startServer({ redisUrl: redis.url, load });
  const eve = await enter(stopping, named('Eve'));
  const answer = eve.ask('sendMessage', 'hi');
  await eve.refusal('join', {}); // by then the send has been read
  await stopping.stop();
  expect(await answer).toMatchObject({ error: { code: 'overloaded' } });
});

test('[OVER-3] and so are those of calls that come while it waits for others', async () => {
  const load = new TestGauge();
  const redis = await startRedis();
  const stopping = await startServer({ redisUrl: redis.url, load });
  const eve = await enter(stopping, named('Eve'));
  redis.freeze();
  const before = stopping.stats().callsByEvent!.join;
  const underWay = eve.ask('join', { room: newRoom() });
  await eventually(() => expect(stopping.stats().callsByEvent!.join).toBe(before + 1));
  const stopped = stopping.stop();
  load.given.add('sends');
  const answer = eve.ask('sendMessage', 'hi');
  await eve.refusal('join', {}); // by then the send has been read
  redis.thaw();
  await stopped;
  expect(await answer).toMatchObject({ error: { code: 'overloaded' } });
  await underWay;
});
