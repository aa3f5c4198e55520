import { eventually } from '../support/eventually';
import { enter, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import { next, operatorSecret, type TestServer } from '../support/server';

let one: TestServer;
let two: TestServer;

beforeAll(async () => {
  const settings = { moveAfterReloadSeconds: 4 };
  [one, two] = (await startServers(await startRedis(), 2, settings)) as [TestServer, TestServer];
});

async function operate(server: TestServer, what: string, body: object = {}): Promise<object> {
  const response = await fetch(`${server.url}/operator/${what}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { Authorization: `Bearer ${operatorSecret}`, 'Content-Type': 'application/json' },
  });
  return { status: response.status, ...((await response.json()) as object) };
}

const handshake = async (server: TestServer): Promise<number> =>
  (await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`)).status;

const ending = (person: Person): Promise<string> =>
  new Promise((resolve) => person.socket.once('disconnect', (reason) => resolve(reason)));

test('[SCALE-2] a closed server takes nobody new and goes on serving who is there, until it is opened', async () => {
  const person = await enter(one, named('inside'));
  const room = newRoom();
  await person.join(room);
  expect(await operate(one, 'close')).toEqual({ status: 200, connections: 1 });
  expect(await handshake(one)).toBe(503);
  expect(one.stats().state).toBe('draining');
  expect((await fetch(`${one.url}/readyz`)).status).toBe(503);
  await person.say(room, 'still here');
  await operate(one, 'open');
  expect(await handshake(one)).toBe(200);
  expect(one.stats().state).toBe('ok');
  person.end();
});

test.each([[['polling']], [['websocket']]])(
  '[SCALE-3] over %s a drain asks everybody to move, and closes who stays so that a stock client comes back',
  async (transports) => {
    const people = await Promise.all(
      ['a', 'b', 'c'].map((name) => enter(one, { ...named(name), transports })),
    );
    const asked = people.map(({ socket }) => next(socket, 'move'));
    const ended = people.map(ending);
    await operate(one, 'drain', { withinMs: 800, reason: 'scale', server: two.name });
    const move = { withinMs: 200, reason: 'scale', server: two.name };
    expect(await Promise.all(asked)).toEqual(people.map(() => move));
    // Whatever it is, it is not "io server disconnect", after which stock clients never come back.
    for (const reason of await Promise.all(ended)) expect(reason).toBe('transport close');
    await operate(one, 'open');
  },
);

test('[SCALE-3] a drain that is undone lets those stay who have not gone', async () => {
  const person = await enter(one, named('stays'));
  const asked = next(person.socket, 'move');
  await operate(one, 'drain', { withinMs: 2_000, reason: 'drain' });
  await asked;
  await operate(one, 'open');
  await operate(one, 'drain', { withinMs: 400, reason: 'drain' });
  expect(await ending(person)).toBe('transport close');
  await operate(one, 'open');
});

test('[SCALE-4] who came by WebSocket before a reload of nginx is asked to move, once; others are not', async () => {
  const old = await enter(one, { ...named('old'), transports: ['websocket'] });
  const poller = await enter(one, { ...named('poller'), transports: ['polling'] });
  const told: string[] = [];
  for (const [name, { socket }] of Object.entries({ old, poller }))
    socket.on('move', ({ reason }) => told.push(`${name} ${reason}`));
  const at = Date.now() + 100;
  await eventually(() => expect(Date.now()).toBeGreaterThan(at + 100));
  const young = await enter(one, { ...named('young'), transports: ['websocket'] });
  young.socket.on('move', ({ reason }) => told.push(`young ${reason}`));
  for (let i = 0; i < 3; i++) await operate(one, 'reloaded', { at });
  await eventually(() => expect(told).toEqual(['old reload']));
  for (const person of [old, poller, young]) person.end();
});

test('[SCALE-7] so many people as wanted are asked to move, and nobody is closed', async () => {
  const people = await Promise.all(['x', 'y', 'z'].map((name) => enter(one, named(name))));
  let asked = 0;
  for (const { socket } of people) socket.on('move', () => asked++);
  const body = { count: 2, withinMs: 100, reason: 'rebalance', server: two.name };
  expect(await operate(one, 'move', body)).toEqual({ status: 200, asked: 2 });
  await eventually(() => expect(asked).toBe(2));
  for (const person of people) {
    await person.accepted('rooms', {});
    person.end();
  }
});

test('[SCALE-2] what makes no sense is refused', async () => {
  const wrong: [string, object][] = [
    ['drain', {}],
    ['drain', { withinMs: -1, reason: 'x' }],
    ['drain', { withinMs: 1, reason: 'Not a word' }],
    ['move', { withinMs: 1, reason: 'x' }],
    ['reloaded', { at: 'now' }],
  ];
  for (const [what, body] of wrong) expect(await operate(one, what, body)).toMatchObject({ status: 400 });
  expect(one.stats().state).toBe('ok');
});
