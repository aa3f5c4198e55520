import { textOf } from '../../src/protocol/entries';
import { eventually } from '../support/eventually';
import { enter, named, startServers } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';
import { inSeconds, tokenFor } from '../support/tokens';

const TOKEN_S = 5;
const RUN_MS = 30_000;

test('[AUTH-14] with tokens of 5 s that are refreshed a session goes on without interruption, and misses nothing', async () => {
  const redis = await startRedis();
  const [one, two] = (await startServers(redis, 2)) as [TestServer, TestServer];
  const fresh = (): Promise<string> => tokenFor({ exp: Math.floor(inSeconds(TOKEN_S)) });
  const people = await Promise.all(
    [['websocket'], ['polling']].map(async (transports) =>
      enter(one, { auth: { token: await fresh() }, transports }),
    ),
  );
  const broken = jest.fn();
  let refreshed = 0;
  for (const { socket } of people) {
    socket.on('disconnect', broken);
    socket.on('bye', broken);
    socket.on('expiring', () => {
      void fresh()
        .then((token) => socket.timeout(1_000).emitWithAck('refreshToken', { token }))
        .then(({ ok }: { ok: boolean }) => (ok ? refreshed++ : broken()));
    });
  }
  const speaker = await enter(two, named('Ben'));
  const until = Date.now() + RUN_MS;
  const texts: string[] = [];
  while (Date.now() < until) {
    texts.push(`text ${texts.length + 1}`);
    await speaker.say('lobby', texts.at(-1)!);
    await people[texts.length % 2]!.hears('lobby', texts.at(-1)!);
  }
  for (const person of people) {
    await eventually(() => expect(person.entries('lobby').map(textOf)).toEqual(texts));
    person.run('lobby');
  }
  expect(broken).not.toHaveBeenCalled();
  expect(refreshed).toBeGreaterThanOrEqual(2 * Math.floor(RUN_MS / (TOKEN_S * 1_000)));
}, 90_000);
