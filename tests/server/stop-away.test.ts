import { eventually } from '../support/eventually';
import { enter, gather, named, newRoom } from '../support/person';
import { startRedis } from '../support/redis';
import { outboxFolder, startServer, uniquePrefix } from '../support/server';

const SENDS = 300;
const ids = (answers: { id: string }[]): string[] => answers.map(({ id }) => id);

test('[REDIS-13] a server that is stopped as Redis freezes answers what it has taken, and loses none of it', async () => {
  const redis = await startRedis();
  const options = {
    redisUrl: redis.url,
    settings: { keyPrefix: uniquePrefix() },
    outboxFolder: outboxFolder(),
  };
  const server = await startServer(options);
  const ann = await enter(server, named('Ann'));
  const room = newRoom();
  await gather(room, ann);
  await ann.say(room, 'before');
  const { calls } = server.stats();
  redis.freeze();
  const sending = Array.from({ length: SENDS }, (_, i) =>
    ann.accepted('sendMessage', { room, text: `text ${i}`, id: `${i}` }),
  );
  await eventually(() => expect(server.stats().calls).toBe(calls + SENDS));
  const start = performance.now();
  await server.stop();
  expect(performance.now() - start).toBeLessThan(8_000);
  const answers = await Promise.all(sending);
  expect(answers.map(({ status }) => status)).toEqual(Array(SENDS).fill('queued'));
  redis.thaw();
  const next = await startServer(options);
  const ben = await enter(next, named('Ben'));
  await gather(room, ben);
  await eventually(async () => {
    const { messages } = await ben.accepted('history', { room, limit: 200 });
    expect(ids(messages)).toEqual(ids(answers).slice(-200));
  }, 15_000);
});
