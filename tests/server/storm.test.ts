import { eventually } from '../support/eventually';
import { enter, named, newRoom, startServers } from '../support/person';
import { startRedis } from '../support/redis';
import { commandsFor, Stormer } from '../support/stormer';

const CLIENTS = 60;

test('[OVER-7] who joins, or comes back after a cut, is served from memory: Redis is not asked for each of them', async () => {
  const redis = await startRedis();
  const [server] = await startServers(redis, 1);
  const room = newRoom();
  const ann = await enter(server!, named('Ann'));
  await ann.join(room);
  await ann.sayAll(room, 20);
  const commands = await commandsFor(redis, room);
  const stormers = Array.from({ length: CLIENTS }, (_, i) => new Stormer(server!.url, room, `stormer-${i}`));
  await eventually(() => expect(stormers.filter(({ isIn }) => !isIn)).toHaveLength(0));
  for (const stormer of stormers) stormer.cut();
  const { seq } = await ann.say(room, 'while you were away');
  await eventually(() => expect(stormers.filter(({ upTo }) => upTo < seq)).toHaveLength(0), 20_000);
  expect(stormers.filter(({ hasHole }) => hasHole)).toHaveLength(0);
  expect(commands.count).toBeGreaterThan(0);
  expect(commands.count).toBeLessThan(CLIENTS / 2);
});
