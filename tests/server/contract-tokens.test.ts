import { createHmac } from 'node:crypto';
import { runInThisContext } from 'node:vm';
import { exportSPKI, type JWTPayload } from 'jose';
import type { Socket } from 'socket.io-client';
import { eventually } from '../support/eventually';
import { enter, named, newRoom, refusedConnection, startServers } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { connect, next, tokenSecret, type TestServer } from '../support/server';
import {
  inSeconds,
  rawToken,
  signingKey,
  startKeyServer,
  tokenFor,
  type KeyServer,
  type SigningKey,
} from '../support/tokens';

const ISSUER = 'https://login.example.org';
const AUDIENCE = 'chat';
const jwtSecret = 'a secret of the operator, of 32 bytes or more';

let redis: TestRedis;
let plain: TestServer; // the fleet's own secret
let keyed: TestServer; // keys only
let strict: TestServer; // keys and a secret, issuer, audience, no guests
let rsa: SigningKey;
let ec: SigningKey;
let ed: SigningKey;
let keyServer: KeyServer;

beforeAll(async () => {
  redis = await startRedis();
  [rsa, ec, ed] = [
    await signingKey('RS256', 'rsa-1'),
    await signingKey('ES256', 'ec-1'),
    await signingKey('EdDSA', 'ed-1'),
  ];
  keyServer = await startKeyServer([rsa, ec, ed]);
  [plain] = (await startServers(redis, 1)) as [TestServer];
  [keyed] = (await startServers(redis, 1, { jwtJwksUrl: keyServer.url })) as [TestServer];
  [strict] = (await startServers(redis, 1, {
    jwtJwksUrl: keyServer.url,
    jwtSecret,
    jwtIssuer: ISSUER,
    jwtAudience: AUDIENCE,
    guests: false,
  })) as [TestServer];
});

const own: JWTPayload = { iss: ISSUER, aud: AUDIENCE };
const withToken = (token: string) => ({ auth: { token } });
const userOf = async (server: TestServer, token: string) =>
  (await enter(server, withToken(token))).hello.user;
const codeOf = async (server: TestServer, token: string) =>
  (await refusedConnection(server.url, withToken(token))).code;

describe('who you are', () => {
  test('[AUTH-1] a token by secret makes you its sub, with its name', async () => {
    const { hello } = await enter(plain, withToken(await tokenFor({ sub: 'u-17', name: 'Ann Lee' })));
    expect(hello.user).toStrictEqual({ id: 'u-17', name: 'Ann Lee' });
    expect(hello).not.toHaveProperty('token');
  });

  test('[AUTH-1] messages are from that user, whichever way the token was signed', async () => {
    const ann = await enter(strict, withToken(await tokenFor({ ...own, name: 'Ann' }, jwtSecret)));
    const again = await enter(strict, withToken(await rsa.sign({ ...own, name: 'Ann' })));
    await ann.say('lobby', 'hello', 'm1');
    expect((await again.hears('lobby', 'hello')).from).toStrictEqual({ id: 'ann', name: 'Ann' });
    expect(await again.refusal('sendMessage', { room: 'lobby', text: 'other', id: 'm1' })).toBe(
      'id_conflict',
    );
  });

  test('[AUTH-2] tokens by RSA, EC and Ed25519 keys of the key server are taken', async () => {
    for (const key of [rsa, ec, ed])
      expect(await userOf(keyed, await key.sign())).toMatchObject({ id: 'ann' });
  });

  test('[AUTH-2] with keys alone no token by secret is taken, not even by the own one', async () => {
    for (const secret of [tokenSecret, jwtSecret])
      expect(await codeOf(keyed, await tokenFor({}, secret))).toBe('auth_invalid');
    expect(await userOf(strict, await tokenFor(own, jwtSecret))).toMatchObject({ id: 'ann' });
  });

  test.each<[string, JWTPayload, string]>([
    ['no name', { sub: 'u-17' }, 'u-17'],
    ['no name, and a long sub', { sub: '𐍈'.repeat(50) }, '𐍈'.repeat(40)],
    ['no name, and a decomposed sub', { sub: 'Zoe\u0308' }, 'Zo\u00eb'],
    ['a name that is not NFC', { name: 'Zoe\u0308' }, 'Zo\u00eb'],
    ['a name of 40 characters', { name: '한'.repeat(40) }, '한'.repeat(40)],
  ])('[AUTH-3] you are called by your name, or by your sub: %s', async (_, claims, name) => {
    const user = await userOf(plain, await tokenFor(claims));
    expect(user).toStrictEqual({ id: (claims.sub ?? 'ann').normalize('NFC'), name });
  });

  test('[AUTH-4] the claim rooms says what may be joined, beside the lobby', async () => {
    const ann = await enter(plain, withToken(await tokenFor({ rooms: ['team-*', 'x'] })));
    for (const room of ['team-a', 'x', 'lobby']) expect(await ann.refusal('join', { room })).toBeUndefined();
    for (const room of ['team', 'xx', 'other']) expect(await ann.refusal('join', { room })).toBe('forbidden');
    const nobody = await enter(plain, withToken(await tokenFor({ rooms: [] })));
    expect(await nobody.refusal('join', { room: 'x' })).toBe('forbidden');
  });

  test('[AUTH-4] a role that is not known is no error', async () => {
    for (const role of ['moderator', 'admin', '']) await enter(plain, withToken(await tokenFor({ role })));
  });

  test('[AUTH-5] where guests are not allowed tokens are taken, and those without one refused', async () => {
    await enter(strict, withToken(await ec.sign(own)));
    for (const auth of [{}, { name: 'Ann' }])
      expect((await refusedConnection(strict.url, { auth })).code).toBe('auth_required');
  });
});

describe('forged and wrong tokens', () => {
  const changed = (token: string, part: number, change: (text: string) => string): string =>
    token
      .split('.')
      .map((text, i) => (i === part ? change(text) : text))
      .join('.');
  const twisted = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
  const body = { sub: 'ann', exp: Math.ceil(inSeconds(60)), ...own };
  const hmac = (header: object, payload: object, key: string): string => {
    const [head, load] = rawToken(header, payload).split('.');
    return `${head}.${load}.${createHmac('sha256', key).update(`${head}.${load}`).digest('base64url')}`;
  };
  const bySecret = (claims: object) => tokenFor({ ...own, ...claims } as JWTPayload, jwtSecret);

  const forgeries: [string, () => string | Promise<string>, string?][] = [
    ['without signature (alg none)', () => rawToken({ alg: 'none' }, body, '')],
    ['without signature (alg None)', () => rawToken({ alg: 'None' }, body, '')],
    [
      'the public key taken for a secret',
      async () => hmac({ alg: 'HS256' }, body, await exportSPKI(rsa.publicKey)),
    ],
    [
      'the same with its kid',
      async () => hmac({ alg: 'HS256', kid: 'rsa-1' }, body, await exportSPKI(rsa.publicKey)),
    ],
    ['an empty secret', () => hmac({ alg: 'HS256' }, body, '')],
    ['another secret', () => tokenFor(own, 'somebody else has this secret of 32 bytes')],
    ["the fleet's own secret, which JWT_SECRET replaces", () => tokenFor(own)],
    ['another key under a known kid', async () => (await signingKey('RS256', 'rsa-1')).sign(own)],
    ['a kid that nobody knows', async () => (await signingKey('RS256', 'rsa-9')).sign(own)],
    ['the kid of a key of another kind', () => rsa.sign(own, { kid: 'ec-1' })],
    [
      'an embedded key',
      async () => {
        const key = await signingKey('ES256', 'mine');
        return key.sign(own, { kid: 'ec-1', jwk: key.jwk });
      },
    ],
    [
      'a key to be fetched from elsewhere',
      async () => {
        const key = await signingKey('RS256', 'mine');
        elsewhere = await startKeyServer([key]);
        return key.sign(own, { jku: elsewhere.url, x5u: elsewhere.url });
      },
    ],
    ['HS512', () => tokenFor(own, jwtSecret.repeat(2), 'HS512')],
    ['HS384', () => tokenFor(own, jwtSecret.repeat(2), 'HS384')],
    ['a changed header', async () => changed(await bySecret({}), 0, (h) => `${h.slice(0, -1)}0`)],
    ['a changed payload', async () => changed(await bySecret({}), 1, twisted)],
    ['a changed signature', async () => changed(await bySecret({}), 2, twisted)],
    ['a cut signature', async () => changed(await bySecret({}), 2, (s) => s.slice(0, -4))],
    [
      'the payload of another',
      async () => changed(await bySecret({}), 1, () => rawToken({}, { ...body, sub: 'ben' }).split('.')[1]!),
    ],
    ['an unknown critical header', () => hmac({ alg: 'HS256', crit: ['x'], x: 1 }, body, jwtSecret)],
    ['an expired one', () => bySecret({ exp: Math.floor(inSeconds(-1)) }), 'auth_expired'],
    ['an expired and forged one', () => tokenFor({ ...own, exp: Math.floor(inSeconds(-1)) })],
    ['nbf in the future', () => bySecret({ nbf: Math.ceil(inSeconds(30)) })],
    ['no exp', () => bySecret({ exp: undefined })],
    ['exp that is a text', () => hmac({ alg: 'HS256' }, { ...body, exp: '9999999999' }, jwtSecret)],
    ['exp beyond all time', () => bySecret({ exp: 1e300 })],
    ['another issuer', () => bySecret({ iss: 'https://evil.example' })],
    ['no issuer', () => bySecret({ iss: undefined })],
    ['another audience', () => bySecret({ aud: 'mail' })],
    ['no audience', () => rsa.sign({ iss: ISSUER })],
    ['no sub', () => bySecret({ sub: undefined })],
    ['an empty sub', () => bySecret({ sub: '' })],
    ['a sub that is a number', () => hmac({ alg: 'HS256' }, { ...body, sub: 17 }, jwtSecret)],
    ['the sub of a guest', () => bySecret({ sub: 'guest:Ann' })],
    ['a sub of 257 units', () => bySecret({ sub: 'a'.repeat(257) })],
    ['a sub with a line feed', () => bySecret({ sub: 'a\nb' })],
    ['a sub with a lone surrogate', () => bySecret({ sub: 'a\ud800' })],
    ['a name of 41 characters', () => bySecret({ name: 'a'.repeat(41) })],
    ['a name that is a number', () => bySecret({ name: 5 })],
    ['rooms that are not an array', () => bySecret({ rooms: 'team-*' })],
    ['rooms that are not texts', () => bySecret({ rooms: [1] })],
    ['101 rooms', () => bySecret({ rooms: Array(101).fill('x') })],
    ['a pattern of 65 characters', () => bySecret({ rooms: ['x'.repeat(65)] })],
    ['a role that is an object', () => bySecret({ role: {} })],
    ['a payload that is an array', () => hmac({ alg: 'HS256' }, [body], jwtSecret)],
    ['five parts, as if encrypted', () => 'a.b.c.d.e'],
    ['dots', () => '..'],
    ['8 KiB of garbage', () => 'x'.repeat(8_192)],
    ['64,000 characters of garbage', () => 'x'.repeat(64_000), 'invalid'],
    ['the token of a guest', async () => (await enter(plain)).hello.token!],
  ];
  let elsewhere: KeyServer | undefined;
  const prepared = new Map<string, string>();

  beforeAll(async () => {
    for (const [what, forge] of forgeries) prepared.set(what, await forge());
  });

  test.each(forgeries)('[AUTH-6] %s is refused for good', async (what, _, code = 'auth_invalid') => {
    expect(await codeOf(strict, prepared.get(what)!)).toBe(code);
  });

  test('[AUTH-6] all of them at once are refused within a second, nothing is fetched for them', async () => {
    const refuse = async (token: string): Promise<string> =>
      (await refusedConnection(strict.url, { ...withToken(token), transports: ['websocket'] })).code;
    // More than once if need be: what else this machine does at the moment is not the server's time.
    await eventually(async () => {
      const from = performance.now();
      const codes = await Promise.all([...prepared.values()].map(refuse));
      expect(codes).toEqual(forgeries.map(([, , code]) => code ?? 'auth_invalid'));
      expect(performance.now() - from).toBeLessThan(1_000);
    });
    expect(elsewhere!.asked).toBe(0);
    expect(await userOf(strict, await bySecret({}))).toMatchObject({ id: 'ann' });
  });

  test('[AUTH-6] a token that is not valid yet becomes so by itself', async () => {
    const token = await tokenFor({ nbf: Math.ceil(inSeconds(1)) });
    expect(await codeOf(plain, token)).toBe('auth_invalid');
    await eventually(() => userOf(plain, token), 5_000);
  });
});

describe('the key server', () => {
  test.concurrent(
    '[AUTH-7] a new key is found, also when many come with it at once; a stranger does not make us ask again and again',
    async () => {
      const [first, second] = [await signingKey('ES256', 'one'), await signingKey('ES384', 'two')];
      const keys = await startKeyServer([first]);
      const [server] = (await startServers(redis, 1, { jwtJwksUrl: keys.url })) as [TestServer];
      await enter(server, withToken(await first.sign()));
      expect(keys.asked).toBe(1);
      keys.keys = [second];
      const token = await second.sign();
      await eventually(() => userOf(server, token), 10_000);
      expect(keys.asked).toBe(2);
      const stranger = await (await signingKey('ES256', 'three')).sign();
      for (let i = 0; i < 5; i++) expect(await codeOf(server, stranger)).toBe('auth_invalid');
      expect(keys.asked).toBe(2);
    },
  );

  test.concurrent(
    '[AUTH-7] while it was never there clients are sent away for a moment, and come in when it is',
    async () => {
      const keys = await startKeyServer([ec], 503);
      const [server] = (await startServers(redis, 1, { jwtJwksUrl: keys.url })) as [TestServer];
      const refused = jest.fn();
      const socket = connect(server.url, {
        ...withToken(await ec.sign()),
        reconnection: true,
        reconnectionDelay: 20,
      });
      socket.on('connect_error', refused);
      let closes = 0;
      (socket as unknown as Socket).io.on('close', () => closes++);
      const hello = next(socket, 'hello');
      await eventually(() => expect(closes).toBeGreaterThan(1));
      await enter(server, named('Ben'));
      keys.status = 200;
      expect((await hello).user.id).toBe('ann');
      expect(refused).not.toHaveBeenCalled();
    },
  );

  test.concurrent('[AUTH-7] when it goes away those whose key is known come in', async () => {
    const keys = await startKeyServer([ec]);
    const [server] = (await startServers(redis, 1, { jwtJwksUrl: keys.url })) as [TestServer];
    await enter(server, withToken(await ec.sign()));
    keys.status = 500;
    expect(await userOf(server, await ec.sign({ sub: 'ben' }))).toMatchObject({ id: 'ben' });
  });
});

describe('the end of a token', () => {
  const ask = async (person: Awaited<ReturnType<typeof enter>>, token: string) =>
    (await person.socket.timeout(5_000).emitWithAck('refreshToken', { token })) as
      { ok: true; expiresAt: number } | { ok: false; error: { code: string } };
  const code = (answer: Awaited<ReturnType<typeof ask>>) => (answer.ok ? undefined : answer.error.code);

  test.concurrent.each([[['websocket']], [['polling']]])(
    '[AUTH-8] over %p a warning comes before the end, bye at the end, and the client comes back by itself',
    async (transports) => {
      const exp = Math.ceil(inSeconds(2));
      const tokens = [await tokenFor({ exp }), await tokenFor({ name: 'renewed' })];
      let asked = 0;
      const auth = (take: (auth: object) => void): void => take({ token: tokens[Math.min(asked++, 1)] });
      const ann = await enter(plain, { auth, transports, reconnection: true, reconnectionDelay: 20 });
      const [expiring, bye, back] = (['expiring', 'bye', 'hello'] as const).map((event) =>
        next(ann.socket, event).then((payload) => ({ payload, at: Date.now() })),
      );
      expect((await expiring!).payload).toStrictEqual({ expiresAt: exp * 1_000 });
      expect((await expiring!).at).toBeLessThan(exp * 1_000);
      expect((await bye!).payload).toStrictEqual({
        code: 'auth_expired',
        message: expect.any(String) as string,
      });
      expect((await bye!).at).toBeGreaterThanOrEqual(exp * 1_000);
      expect((await bye!).at).toBeLessThan(exp * 1_000 + 1_000);
      expect((await back!).payload).toMatchObject({ user: { id: 'ann', name: 'renewed' } });
    },
  );

  test.concurrent('[AUTH-8] with the old token it is refused as auth_expired, for good', async () => {
    const ann = await enter(plain, {
      ...withToken(await tokenFor({ exp: Math.ceil(inSeconds(1)) })),
      reconnection: true,
      reconnectionDelay: 20,
    });
    const error = await new Promise<Error & { data?: unknown }>((done) =>
      ann.socket.once('connect_error', done),
    );
    expect(error.data).toStrictEqual({ code: 'auth_expired', message: expect.any(String) as string });
    expect(ann.socket.active).toBe(false);
  });

  test.concurrent(
    '[AUTH-8] a token of a hundred years neither ends nor warns, nor does a guest',
    async () => {
      const heard = jest.fn();
      // A test's own `process` hears no warnings. A timer set too far would fire at once, again and again.
      const realProcess = runInThisContext('process') as NodeJS.Process;
      const warned = ({ name }: Error): void => void (name === 'TimeoutOverflowWarning' && heard(name));
      realProcess.on('warning', warned);
      const ann = await enter(plain, withToken(await tokenFor({ exp: Math.ceil(inSeconds(3_153_600_000)) })));
      const ben = await enter(plain, named('Ben'));
      const endings = ['expiring', 'bye', 'disconnect'];
      for (const { socket } of [ann, ben])
        socket.onAny((event: string) => endings.includes(event) && heard(event));
      await tokenFor({ exp: Math.ceil(inSeconds(1)) })
        .then((token) => enter(plain, withToken(token)))
        .then(({ socket }) => next(socket, 'bye'));
      await ann.say('lobby', 'still here');
      await ben.hears('lobby', 'still here');
      realProcess.off('warning', warned);
      expect(heard).not.toHaveBeenCalled();
    },
  );

  test.concurrent('[AUTH-9] a new token prolongs the session, before and after the warning', async () => {
    const first = Math.ceil(inSeconds(2));
    const ann = await enter(plain, withToken(await tokenFor({ exp: first })));
    const ended = jest.fn();
    ann.socket.on('bye', ended);
    ann.socket.on('disconnect', ended);
    const second = first + 1;
    expect(await ask(ann, await tokenFor({ exp: second }))).toStrictEqual({
      ok: true,
      expiresAt: second * 1_000,
    });
    expect(await next(ann.socket, 'expiring')).toStrictEqual({ expiresAt: second * 1_000 });
    const third = second + 2;
    expect(await ask(ann, await tokenFor({ exp: third }))).toStrictEqual({
      ok: true,
      expiresAt: third * 1_000,
    });
    expect(await next(ann.socket, 'expiring')).toStrictEqual({ expiresAt: third * 1_000 });
    expect(ended).not.toHaveBeenCalled();
    expect(Date.now()).toBeGreaterThan(second * 1_000);
  });

  test.concurrent('[AUTH-10] the token of another user, and any for a guest, is forbidden', async () => {
    const ann = await enter(plain, withToken(await tokenFor()));
    expect(code(await ask(ann, await tokenFor({ sub: 'ben' })))).toBe('forbidden');
    const guest = await enter(plain);
    expect(code(await ask(guest, await tokenFor()))).toBe('forbidden');
    expect(code(await ask(guest, guest.hello.token!))).toBe('auth_invalid');
    for (const person of [ann, guest]) await person.say('lobby', 'still here');
  });

  test.concurrent(
    '[AUTH-10] a bad token is refused, and the session goes on with its rights until its own end',
    async () => {
      const exp = Math.ceil(inSeconds(2));
      const room = newRoom();
      const ann = await enter(plain, withToken(await tokenFor({ exp, rooms: ['room-*'] })));
      await ann.join(room);
      const bye = next(ann.socket, 'bye');
      const wrong: [unknown, string][] = [
        [await tokenFor({ rooms: [] }, jwtSecret), 'auth_invalid'],
        [await tokenFor({ exp: Math.floor(inSeconds(-1)), rooms: [] }), 'auth_expired'],
        ['x', 'auth_invalid'],
        ['', 'invalid'],
        [5, 'invalid'],
      ];
      for (const [token, expected] of wrong)
        expect(await ann.refusal('refreshToken', { token })).toBe(expected);
      await ann.say(room, 'still here');
      await bye;
      expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000);
    },
  );

  test.concurrent(
    '[AUTH-11] rooms that the new token does not allow end at once, and those it adds are open',
    async () => {
      const [ann, ben] = [
        await enter(plain, withToken(await tokenFor({ rooms: ['a-*', 'b-*'] }))),
        await enter(plain, named('Ben')),
      ];
      const suffix = newRoom();
      const [kept, lost, left, added] = ['a', 'b', 'b-left', 'c'].map((name) => `${name}-${suffix}`) as [
        ...string[],
      ] as [string, string, string, string];
      for (const room of [kept, lost, left]) {
        await ann.join(room);
        await ann.say(room, 'mine');
      }
      await ann.accepted('detach', { room: left });
      for (const room of [kept, lost, left, added]) await ben.join(room);
      expect(await ann.refusal('join', { room: added })).toBe('forbidden');
      expect(
        await ann.refusal('refreshToken', { token: await tokenFor({ rooms: ['a-*', 'c-*'] }) }),
      ).toBeUndefined();
      await ben.say(lost, 'secret');
      await ben.say(kept, 'public');
      await ann.hears(kept, 'public');
      for (const room of [lost, left]) {
        expect(ann.texts(room)).not.toContain('secret');
        expect(await ann.refusal('sendMessage', { room, text: 'x' })).toBe('not_a_member');
        expect(await ann.refusal('history', { room })).toBe('not_a_member');
        expect(await ann.refusal('join', { room })).toBe('forbidden');
      }
      expect(await ann.refusal('join', { room: added })).toBeUndefined();
      await ann.say('lobby', 'the lobby is for everybody');
    },
  );

  test.concurrent('[AUTH-11] a refresh that is emitted before hello is held until then', async () => {
    const socket = connect(plain.url, withToken(await tokenFor({ rooms: [] })));
    const answer = socket
      .timeout(5_000)
      .emitWithAck('refreshToken', { token: await tokenFor() }) as Promise<unknown>;
    expect(await next(socket, 'hello')).toMatchObject({ user: { id: 'ann' } });
    expect(await answer).toMatchObject({ ok: true });
    expect(await socket.timeout(5_000).emitWithAck('join', { room: newRoom() })).toMatchObject({ ok: true });
  });
});
