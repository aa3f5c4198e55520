import { loadSettings } from '../../src/config/load-settings';
import { enter, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import { connect, type TestServer } from '../support/server';

let both: TestServer;
let one: TestServer;

beforeAll(async () => {
  const redis = await startRedis();
  [both] = (await startServers(redis, 1)) as [TestServer];
  const { transports } = loadSettings({ TRANSPORTS: 'websocket' }).settings;
  [one] = (await startServers(redis, 1, { transports })) as [TestServer];
});

async function chats(person: Person): Promise<void> {
  await person.say('lobby', person.socket.id!);
  await person.hears('lobby', person.socket.id!);
  person.end();
}

test('[AUTH-30] with websocket alone stock clients chat by it', async () => {
  await chats(await enter(one, { transports: ['websocket'] }));
});

test('[AUTH-30] and a polling handshake gets the 400 of Engine.IO', async () => {
  const answer = await fetch(`${one.url}/socket.io/?EIO=4&transport=polling`);
  expect([answer.status, await answer.json()]).toEqual([400, { code: 0, message: 'Transport unknown' }]);
  for (const transports of [['polling'], ['polling', 'websocket']]) {
    const socket = connect(one.url, { transports });
    await new Promise((done) => socket.once('connect_error', done));
    expect(socket.connected).toBe(false);
  }
});

test('[AUTH-30] the default is both', async () => {
  for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']])
    await chats(await enter(both, { transports }));
});

test('[AUTH-30] only lists that work are taken', () => {
  const parsed = (text: string) => loadSettings({ TRANSPORTS: text }).settings.transports;
  expect(loadSettings({}).settings.transports).toEqual(['polling', 'websocket']);
  expect(parsed('websocket, polling')).toEqual(['polling', 'websocket']);
  expect(parsed('websocket')).toEqual(['websocket']);
  for (const text of ['', 'polling', 'websocket,websocket', 'webtransport', 'websocket,x'])
    expect(() => parsed(text)).toThrow('expected polling,websocket or websocket');
});
