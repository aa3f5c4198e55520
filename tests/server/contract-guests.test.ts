import type { Socket } from 'socket.io-client';
import { checkError, enter, named, newRoom, refusedConnection, startServers } from '../support/person';
import { startRedis } from '../support/redis';
import { connect, type TestServer } from '../support/server';

let one: TestServer;
let two: TestServer;
let membersOnly: TestServer;

beforeAll(async () => {
  const redis = await startRedis();
  [one, two] = (await startServers(redis, 2)) as [TestServer, TestServer];
  [membersOnly] = (await startServers(redis, 1, { guests: false })) as [TestServer];
});

const decomposed = 'Zoe\u0308';
const composed = 'Zo\u00eb';

describe('named guests', () => {
  test('[GUEST-1] a named guest is guest:<name, NFC> on every server, however it is typed', async () => {
    for (const server of [one, two]) {
      for (const name of [decomposed, composed]) {
        const { hello } = await enter(server, named(name));
        expect(hello.user).toStrictEqual({ id: `guest:${composed}`, name: composed });
        expect(hello).not.toHaveProperty('token');
      }
    }
  });

  test.each([
    ['one character', 'A'],
    ['40 letters', 'a'.repeat(40)],
    ['40 characters outside the basic plane', '𐍈'.repeat(40)],
    ['40 Korean syllables, decomposed', '한'.repeat(40).normalize('NFD')],
    ['spaces, quotes and markup', `Ann "the <b>" O'Neil`],
    ['a name from the prototype', '__proto__'],
  ])('[GUEST-2] a name of %s is fine', async (_, name) => {
    const { hello } = await enter(one, named(name));
    expect(hello.user).toStrictEqual({ id: `guest:${name.normalize('NFC')}`, name: name.normalize('NFC') });
  });

  test.each<[string, unknown]>([
    ['nothing', ''],
    ['41 letters', 'a'.repeat(41)],
    ['41 characters outside the basic plane', '𐍈'.repeat(41)],
    ['a line feed', 'Ann\nBen'],
    ['NUL', 'Ann\0'],
    ['DEL', 'Ann\u007f'],
    ['a C1 control character', 'Ann\u0085'],
    ['a number', 5],
    ['null', null],
    ['an array', ['Ann']],
    ['an object', { name: 'Ann' }],
  ])('[GUEST-2] a name of %s is invalid', async (_, name) => {
    const error = await refusedConnection(one.url, { auth: { name } });
    expect(error.code).toBe('invalid');
  });
});

describe('unnamed guests', () => {
  test('[GUEST-3] the token of hello makes an unnamed guest the same user on another server', async () => {
    const first = await enter(one);
    const again = await enter(two, { auth: { token: first.hello.token } });
    expect(again.hello.user).toStrictEqual(first.hello.user);
    const room = newRoom();
    await first.join(room);
    await again.join(room);
    const place = await first.say(room, 'once', 'm1');
    expect(await again.say(room, 'once', 'm1')).toStrictEqual(place);
  });

  test('[GUEST-4] without the token an unnamed guest is another user', async () => {
    const ids = new Set<string>();
    for (const server of [one, two, one]) ids.add((await enter(server)).hello.user.id);
    expect(ids.size).toBe(3);
  });

  test('[GUEST-4] no named guest can take the id of an unnamed one', async () => {
    const { user } = (await enter(one)).hello;
    const claim = await enter(one, named(user.name));
    expect(claim.hello.user.id).not.toBe(user.id);
    const bare = user.id.replace(/^guest:/, '');
    if (bare.length <= 40) expect((await enter(one, named(bare))).hello.user.id).not.toBe(user.id);
  });
});

describe('refused', () => {
  const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"guest:Ann"}')}.`.replaceAll('=', '');

  test.each([
    ['garbage', () => 'garbage'],
    ['an unsigned JWT', () => unsigned],
    ['a changed last character', (token: string) => token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')],
    ['a changed first character', (token: string) => (token.startsWith('A') ? 'B' : 'A') + token.slice(1)],
    ['a cut end', (token: string) => token.slice(0, -4)],
    ['an addition', (token: string) => `${token}.x`],
    ['another case', (token: string) => token.toUpperCase()],
  ])('[GUEST-5] a forged token (%s) is auth_invalid', async (_, forge) => {
    const { token } = (await enter(one)).hello;
    const error = await refusedConnection(two.url, { auth: { token: forge(token!) } });
    expect(error.code).toBe('auth_invalid');
  });

  test('[GUEST-5] a token signed with another secret is auth_invalid where guests are not allowed too', async () => {
    const error = await refusedConnection(membersOnly.url, { auth: { token: unsigned } });
    expect(error.code).toBe('auth_invalid');
  });

  test('[GUEST-6] a token and a name together are invalid', async () => {
    const { token } = (await enter(one)).hello;
    const error = await refusedConnection(one.url, { auth: { token, name: 'Ann' } });
    expect(error.code).toBe('invalid');
  });

  test.each<[string, object]>([
    ['an unknown key', { name: 'Ann', role: 'moderator' }],
    ['a key from the prototype', JSON.parse('{"__proto__": {"name": "Ann"}}') as object],
    ['another key from the prototype', { constructor: 'Ann' }],
    ['a token that is a number', { token: 1 }],
    ['a token that is null', { token: null }],
  ])('[GUEST-6] auth with %s is invalid', async (_, auth) => {
    expect((await refusedConnection(one.url, { auth })).code).toBe('invalid');
  });

  test.each<[string, object]>([
    ['a named guest', { name: 'Ann' }],
    ['an unnamed guest', {}],
  ])('[GUEST-7] where guests are not allowed, %s is auth_required', async (_, auth) => {
    expect((await refusedConnection(membersOnly.url, { auth })).code).toBe('auth_required');
  });

  test('[GUEST-8] a refusal has a final code in err.data, and the client does not come back by itself', async () => {
    const socket = connect(one.url, { ...named(''), reconnection: true, reconnectionDelay: 1 });
    const errors: (Error & { data?: unknown })[] = [];
    let attempts = 0;
    (socket as unknown as Socket).io.on('reconnect_attempt', () => attempts++);
    await new Promise<void>((done) =>
      socket.on('connect_error', (error) => {
        errors.push(error);
        done();
      }),
    );
    await enter(one);
    expect(errors).toHaveLength(1);
    expect(checkError(errors[0]!.data as Parameters<typeof checkError>[0])).not.toHaveProperty(
      'retryAfterMs',
    );
    expect([attempts, socket.active]).toEqual([0, false]);
  });
});

describe('who it is from', () => {
  test('[GUEST-9] from is set by the server; a payload cannot', async () => {
    const ann = await enter(one, named('Ann'));
    const ben = await enter(two, named('Ben'));
    for (const extra of [
      { from: { id: 'guest:Ben', name: 'Ben' } },
      { user: 'Ben' },
      { at: 1 },
      { seq: 1 },
    ]) {
      expect(await ann.refusal('sendMessage', { room: 'lobby', text: 'x', ...extra })).toBe('invalid');
    }
    await ann.say('lobby', 'from Ann');
    const { from } = await ben.hears('lobby', 'from Ann');
    expect(from).toStrictEqual({ id: 'guest:Ann', name: 'Ann' });
  });
});
