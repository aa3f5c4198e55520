import { openRaw } from '../support/raw';
import { enter, named, startServers, type Person } from '../support/person';
import { startRedis, type TestRedis } from '../support/redis';
import { connect, type TestServer } from '../support/server';
import type { Socket } from 'socket.io-client';

let redis: TestRedis;
let server: TestServer;
let listed: TestServer;
const ALLOWED = 'https://chat.example.org';

beforeAll(async () => {
  redis = await startRedis();
  [server] = (await startServers(redis, 1)) as [TestServer];
  [listed] = (await startServers(redis, 1, { allowedOrigins: [ALLOWED] })) as [TestServer];
});

const handshake = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers });

/** The status of a handshake over both transports. */
async function statuses(url: string, headers: Record<string, string> = {}): Promise<number[]> {
  const raw = await openRaw(url, headers);
  void raw.end();
  return [(await handshake(url, headers)).status, raw.status];
}

describe('Origin', () => {
  test.each([
    ['another host', () => 'https://evil.example'],
    ['null, as from a sandbox', () => 'null'],
    ['another port of the same host', () => 'http://127.0.0.1:1'],
    ['the host without its port', () => 'http://127.0.0.1'],
    ['the own host as a prefix', () => `${server.url}.evil.example`],
    ['the own host as user info', () => `${server.url}@evil.example`],
    ['the own host as a path', () => `http://evil.example/${server.url}`],
    ['another name of the same host', () => server.url.replace('127.0.0.1', 'localhost')],
    ['no origin at all', () => 'garbage'],
    ['two origins', () => `${server.url} https://evil.example`],
  ])('[ORIGIN-1] %s is 403 on both transports', async (_, origin) => {
    expect(await statuses(server.url, { origin: origin() })).toEqual([403, 403]);
  });

  test('[ORIGIN-1] a stock client of a foreign page gets nowhere', async () => {
    for (const transports of [['polling'], ['websocket']]) {
      const socket = connect(server.url, { transports, extraHeaders: { origin: 'https://evil.example' } });
      await new Promise((done) => socket.once('connect_error', done));
      expect(socket.connected).toBe(false);
    }
  });

  test('[ORIGIN-2] the own origin and none at all are let in', async () => {
    expect(await statuses(server.url)).toEqual([200, 101]);
    expect(await statuses(server.url, { origin: server.url })).toEqual([200, 101]);
    for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']])
      await enter(server, { transports, extraHeaders: { origin: server.url } });
  });

  test('[ORIGIN-2] own is what the client asked for: behind a proxy the Host it was given', async () => {
    const headers = { host: 'chat.internal:8080', origin: 'http://chat.internal:8080' };
    const raw = await openRaw(server.url, headers);
    void raw.end();
    expect(raw.status).toBe(101);
  });

  test('[ORIGIN-3] ALLOWED_ORIGINS are let in, and may read the answers', async () => {
    expect(await statuses(listed.url, { origin: ALLOWED })).toEqual([200, 101]);
    const { headers } = await handshake(listed.url, { origin: ALLOWED });
    expect(headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(await statuses(listed.url, { origin: listed.url })).toEqual([200, 101]);
  });

  test.each([
    'http://chat.example.org',
    'https://chat.example.org:444',
    'https://chat.example.org.evil.example',
    'https://xchat.example.org',
    'https://evil.example',
    'null',
  ])('[ORIGIN-3] %s is not one of them', async (origin) => {
    expect(await statuses(listed.url, { origin })).toEqual([403, 403]);
    const { headers } = await handshake(listed.url, { origin });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('HTTP', () => {
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, { headers });

  test('[HTTP-1] /livez answers 200', async () => {
    expect((await get('/livez')).status).toBe(200);
  });

  test('[HTTP-2] /readyz answers 200 and its state', async () => {
    const response = await get('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toStrictEqual({ state: 'ok' });
  });

  test('[HTTP-3] /version tells the version of the build', async () => {
    const response = await get('/version');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('test');
  });

  test('[HTTP-4] /stats is for direct clients: with a proxy header it is not there', async () => {
    const stats = (await (await get('/stats')).json()) as Record<string, unknown>;
    expect(stats).toMatchObject({ name: server.name, pid: process.pid });
    for (const header of ['X-Forwarded-For', 'x-forwarded-for'])
      expect((await get('/stats', { [header]: '203.0.113.7' })).status).toBe(404);
  });

  test('[HTTP-4] there are no /metrics on the public port', async () => {
    expect((await get('/metrics', { 'x-forwarded-for': '203.0.113.7' })).status).toBe(404);
  });
});

describe('draining', () => {
  /** A server that is about to stop, but held up by a send that Redis does not answer. */
  async function drainingServer() {
    const frozen = await startRedis();
    const [draining] = (await startServers(frozen, 1)) as [TestServer];
    const ann = await enter(draining, named('Ann'));
    const gone = new Promise<void>((done) => ann.socket.once('disconnect', () => done()));
    frozen.freeze();
    const sending = ann.ask('sendMessage', 'the last one');
    // An answered request behind the send proves that it has been received.
    await ann.refusal('join', {});
    const stopping = draining.stop();
    return { frozen, draining, gone, sending, stopping };
  }

  test('[HTTP-5] handshakes are 503 with Retry-After, /readyz is 503 bad, and what was sent is answered', async () => {
    const { frozen, draining, gone, sending, stopping } = await drainingServer();
    const [refused, ready, raw] = await Promise.all([
      handshake(draining.url),
      fetch(`${draining.url}/readyz`),
      openRaw(draining.url),
    ]);
    expect([refused.status, raw.status]).toEqual([503, 503]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toStrictEqual({ state: 'bad' });
    const answer = await sending;
    expect(answer).toMatchObject({ ok: true, status: 'queued' });
    frozen.thaw();
    await stopping;
    await gone;
  });

  test('[CONN-7] a stopping server closes so that stock clients come back by themselves', async () => {
    const [first, second] = (await startServers(redis, 2)) as [TestServer, TestServer];
    const comers = [['polling'], ['websocket']].map((transports) =>
      connect(first.url, { transports, reconnection: true, reconnectionDelay: 10 }),
    );
    const ends = comers.map(
      (socket) => new Promise<string>((done) => (socket as unknown as Socket).once('disconnect', done)),
    );
    await Promise.all(
      comers.map((socket) => new Promise<void>((done) => socket.once('hello', () => done()))),
    );
    await first.stop();
    for (const reason of await Promise.all(ends)) expect(reason).not.toBe('io server disconnect');
    for (const socket of comers) expect(socket.active).toBe(true);
    const ann: Person = await enter(second);
    await ann.say('lobby', 'the other server goes on');
  });
});
