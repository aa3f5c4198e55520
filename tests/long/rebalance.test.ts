import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { testFleet } from '../support/fleet';

const PEOPLE = 12;

test('[SCALE-7] people who know `move` are spread evenly, drained from a server, and a restart moves them too', async () => {
  const fleet = await testFleet(2);
  await fleet.done('up');
  const url = `http://127.0.0.1:${fleet.httpPort}`;
  const chats = Array.from({ length: PEOPLE }, (_, i) => createChat({ url, name: `mover ${i}` }));
  onCleanup(() => chats.forEach((chat) => chat.close()));
  const where = (): string[] =>
    chats.map(({ state }) => (state.kind === 'online' ? state.server : state.kind));
  const on = (name: string): number => where().filter((each) => each === name).length;
  // One address is one server.
  await eventually(() => expect([...new Set(where())]).toEqual([expect.stringMatching(/^chat-/)]), 20_000);
  const [full] = where();

  expect(await fleet.done('rebalance', '--within', '4s')).toContain('connections now:');
  await eventually(() => expect(on(full!)).toBe(PEOPLE / 2));

  await fleet.done('drain', full!, '--within', '4s');
  await eventually(() => expect(on(full!)).toBe(0));
  const drained = (await fleet.status()).servers.find(({ name }) => name === full);
  expect(drained).toMatchObject({ state: 'draining', connections: 0 });
  await fleet.done('drain', full!, '--undo');
  expect(await fleet.status()).toMatchObject({ healthy: true });

  const other = where().find((name) => name !== full)!;
  await fleet.done('restart', other, '--within', '2s');
  await eventually(() => expect(on(full!)).toBe(PEOPLE));
  expect(await fleet.status()).toMatchObject({ healthy: true });
}, 180_000);
