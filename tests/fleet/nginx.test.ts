import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { serversOf } from '../../src/fleet/plan';
import { ask, startNginx, upgrade, type Reply, type TestNginx } from '../support/nginx';
import { freePortRun } from '../support/port-run';
import { startStandIn, type StandIn } from '../support/stand-in';

const handshake = '/socket.io/?EIO=4&transport=polling';
const networks = Array.from({ length: 40 }, (_, i) => `127.${1 + i * 3}.${i}.1`);

let nginx: TestNginx;
/** Three servers that answer; nothing listens on the port of the fourth. */
let live: StandIn[];
let names: string[];

beforeAll(async () => {
  const basePort = await freePortRun(4);
  const plan = { servers: 4, basePort };
  names = serversOf(plan).map(({ name }) => name);
  live = await Promise.all([0, 1, 2].map((i) => startStandIn(basePort + i)));
  nginx = await startNginx(plan);
});

beforeEach(() => {
  for (const server of live) {
    server.seen = [];
    server.answer = (_, response) => void response.end(`${server.port}`);
  }
});

const sid = (name: string): string => `sid=${name}~Zm9vYmFy`;
const requests = (): number => live.reduce((sum, { seen }) => sum + seen.length, 0);

function expectUnknown(reply: Reply): void {
  expect(reply.status).toBe(400);
  expect(JSON.parse(reply.body)).toEqual({ code: 1, message: 'Session ID unknown' });
  expect(reply.headers['content-type']).toBe('application/json');
}

test('[NGINX-1] a request with a sid reaches the server that the sid names, from every network', async () => {
  for (const [i, server] of live.entries()) {
    for (const localAddress of networks.slice(0, 8)) {
      for (const method of ['GET', 'POST']) {
        const reply = await ask(nginx.port, `${handshake}&${sid(names[i]!)}`, { method, localAddress });
        expect(reply).toMatchObject({ status: 200, body: `${server.port}` });
      }
    }
  }
  const encoded = await ask(nginx.port, `${handshake}&sid=${names[1]}%7Eabc`);
  expect(encoded.body).toBe(`${live[1]!.port}`);
});

test('[NGINX-2] a sid of nobody, or of a server that is gone, is answered at once as Engine.IO does', async () => {
  for (const unknown of ['sid=chat-1~abc', 'sid=abc', 'sid=~', `sid=${names[0]}`, sid(names[3]!)]) {
    for (const method of ['GET', 'POST']) {
      const start = Date.now();
      expectUnknown(await ask(nginx.port, `${handshake}&${unknown}`, { method }));
      expect(Date.now() - start).toBeLessThan(1_000);
    }
  }
  expectUnknown(
    await ask(nginx.port, `${handshake}&${sid(names[3]!)}`, { headers: { upgrade: 'websocket' } }),
  );
  expect(requests()).toBe(0);
});

test('[NGINX-3] what a server itself answers passes through unchanged', async () => {
  live[0]!.answer = (_, response) => void response.writeHead(403, { 'x-own': 'yes' }).end('{"code":4}');
  const reply = await ask(nginx.port, `${handshake}&${sid(names[0]!)}`);
  expect(reply).toMatchObject({ status: 403, body: '{"code":4}' });
  expect(reply.headers['x-own']).toBe('yes');
  live[0]!.answer = (_, response) => void response.writeHead(503).end('draining');
  expect(await ask(nginx.port, `${handshake}&${sid(names[0]!)}`)).toMatchObject({
    status: 503,
    body: 'draining',
  });
});

test('[NGINX-4] handshakes spread over the servers by network, past one that is dead or says 503', async () => {
  live[0]!.answer = (_, response) => void response.writeHead(503, { 'retry-after': '1' }).end();
  const replies = await Promise.all(
    networks.map((localAddress) => ask(nginx.port, handshake, { localAddress })),
  );
  expect(replies.map(({ status }) => status)).toEqual(networks.map(() => 200));
  expect(new Set(replies.map(({ body }) => body))).toEqual(new Set([`${live[1]!.port}`, `${live[2]!.port}`]));
  expect(live[0]!.seen.length).toBeGreaterThan(0);
  const again = await Promise.all(
    networks.map((localAddress) => ask(nginx.port, handshake, { localAddress })),
  );
  expect(again.map(({ body }) => body)).toEqual(replies.map(({ body }) => body));
});

test('[NGINX-5] when no server takes newcomers, the refusal says when to ask again', async () => {
  for (const server of live) {
    server.answer = (_, response) => void response.writeHead(503, { 'retry-after': '7' }).end('draining');
  }
  const replies = await Promise.all(
    networks.map((localAddress) => ask(nginx.port, handshake, { localAddress })),
  );
  for (const { status, headers } of replies) {
    expect(status).toBe(503);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  }
});

test('[NGINX-6] a POST that was sent is never sent again', async () => {
  for (const server of live) server.answer = (_, response) => void response.destroy();
  expectUnknown(
    await ask(nginx.port, `${handshake}&${sid(names[0]!)}`, { method: 'POST' }, Buffer.from('4hi')),
  );
  expect(requests()).toBe(1);
  const started = await ask(nginx.port, handshake, { method: 'POST' }, Buffer.from('4hi'));
  expect(started.status).toBe(503);
  expect(requests()).toBe(2);
});

test('[NGINX-7] a new session gets the server it asks for, and another one if that cannot take it', async () => {
  for (const [i, server] of live.entries()) {
    for (const localAddress of networks.slice(0, 4)) {
      const reply = await ask(nginx.port, `${handshake}&server=${names[i]}`, { localAddress });
      expect(reply.body).toBe(`${server.port}`);
    }
  }
  live[0]!.answer = (_, response) => void response.writeHead(503).end();
  for (const asked of [names[0], names[3], 'chat-1', '']) {
    const reply = await ask(nginx.port, `${handshake}&server=${asked}`);
    expect(reply.status).toBe(200);
    const { head, socket } = await upgrade(nginx.port, `${handshake}&server=${names[3]}`);
    expect(head).toMatch(/^HTTP\/1.1 101/);
    socket.destroy();
  }
  live[1]!.answer = (_, response) => void response.writeHead(403).end();
  expect((await ask(nginx.port, `${handshake}&server=${names[1]}`)).status).toBe(403);
});

test('[NGINX-8] WebSockets pass, with a sid and without; other upgrades are not passed on', async () => {
  const known = await upgrade(nginx.port, `/socket.io/?transport=websocket&${sid(names[2]!)}`);
  expect(known.head).toContain(`x-port: ${live[2]!.port}`);
  const asked = await upgrade(nginx.port, `/socket.io/?transport=websocket&server=${names[1]}`);
  expect(asked.head).toContain(`x-port: ${live[1]!.port}`);
  for (const { socket } of [known, asked]) {
    socket.write('hello');
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
  }
  await ask(nginx.port, `${handshake}&${sid(names[0]!)}`, {
    headers: { connection: 'Upgrade', upgrade: 'h2c' },
  });
  expect(live[0]!.seen[0]!.method).toBe('GET');
  expect(live[0]!.seen[0]!.headers.upgrade).toBeUndefined();
});

test('[NGINX-9] a silent server costs a handshake seconds, not its session; an idle WebSocket outlives that', async () => {
  live[0]!.answer = () => undefined;
  const { socket } = await upgrade(nginx.port, '/socket.io/?transport=websocket');
  const ended = once(socket, 'close').then(() => 'closed');
  const start = Date.now();
  const replies = await Promise.all([
    ...networks.slice(0, 12).map((localAddress) => ask(nginx.port, handshake, { localAddress })),
    ask(nginx.port, `${handshake}&server=${names[0]}`),
  ]);
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
  expect(live[0]!.seen.length).toBeGreaterThan(1);
  expect(Date.now() - start).toBeGreaterThan(3_000);
  expect(await Promise.race([ended, Promise.resolve('open')])).toBe('open');
  socket.write('still here');
  expect(String((await once(socket, 'data'))[0])).toBe('still here');
}, 30_000);

test('[NGINX-10] the server learns the true host and address, and polling is not buffered', async () => {
  let answering: ServerResponse | undefined;
  live[0]!.answer = (_, response) => {
    answering = response.writeHead(200, { 'content-length': 'first part, second part'.length });
    answering.write('first part, ');
  };
  const path = `${handshake}&${sid(names[0]!)}`;
  const options = { host: '127.0.0.1', port: nginx.port, path, localAddress: '127.9.8.7', agent: false };
  const headers = { host: 'chat.example:8080', 'x-forwarded-for': '10.1.2.3' };
  const outgoing = request({ ...options, headers });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
  expect(String((await once(incoming, 'data'))[0])).toBe('first part, ');
  answering!.write('second part');
  expect(String((await once(incoming, 'data'))[0])).toBe('second part');
  answering!.end(); // or nginx would use a connection again on which Node still waits
  outgoing.on('error', () => undefined).destroy();
  const { headers: got } = live[0]!.seen[0]!;
  expect(got.host).toBe('chat.example:8080');
  expect(got['x-forwarded-for']).toBe('10.1.2.3, 127.9.8.7');
  expect(got.upgrade).toBeUndefined();
});

test('[NGINX-11] a body a little above 64 KiB is left to the server, a larger one refused, none touches the disk', async () => {
  const path = `${handshake}&${sid(names[0]!)}`;
  expect((await ask(nginx.port, path, { method: 'POST' }, Buffer.alloc(70 * 1024))).status).toBe(200);
  expect(live[0]!.seen[0]!.bodyBytes).toBe(70 * 1024);
  expect((await ask(nginx.port, path, { method: 'POST' }, Buffer.alloc(80 * 1024))).status).toBe(413);
  expect(live[0]!.seen).toHaveLength(1);
  expect(readdirSync(join(nginx.files.prefix, 'temp', 'body'))).toEqual([]);
  expect(nginx.log()).not.toContain('temporary file');
});

test('[NGINX-12] health and version are public, everything else of the servers is not', async () => {
  for (const path of ['/livez', '/readyz', '/version']) {
    expect((await ask(nginx.port, path)).status).toBe(200);
    expect((await ask(nginx.port, path, { method: 'POST' })).status).toBe(403);
  }
  const before = requests();
  for (const path of [
    '/stats',
    '/metrics',
    '/stats/',
    '/readyz/stats',
    '/socket.iox',
    '/../stats',
    '/nginx.conf',
  ]) {
    expect([400, 404]).toContain((await ask(nginx.port, path)).status);
  }
  expect(requests()).toBe(before);
});

test('[NGINX-13] page files come compressed, with cache and security headers', async () => {
  writeFileSync(join(nginx.pages, 'index.html'), `<!doctype html><title>chat</title>${' '.repeat(2_000)}`);
  writeFileSync(join(nginx.pages, 'assets', 'app-1a2b3c4d.js'), `// ${'x'.repeat(5_000)}`);
  const gzip = { headers: { 'accept-encoding': 'gzip' } };
  const page = await ask(nginx.port, '/', gzip);
  expect(page).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/html', 'content-encoding': 'gzip' },
  });
  expect(page.headers['cache-control']).toBe('no-cache');
  expect(page.headers['content-security-policy']).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
  expect(page.headers['content-security-policy']).not.toContain('unsafe');
  expect(page.headers['x-content-type-options']).toBe('nosniff');
  expect(page.headers['referrer-policy']).toBe('no-referrer');
  expect(page.headers.server).toBe('nginx');
  const asset = await ask(nginx.port, '/assets/app-1a2b3c4d.js', gzip);
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(asset.headers).toMatchObject({ 'content-type': 'text/javascript', 'content-encoding': 'gzip' });
  const missing = await ask(nginx.port, '/assets/none.js');
  expect(missing.status).toBe(404);
  expect(missing.headers['cache-control']).toBeUndefined();
  expect((await ask(nginx.port, '/', { method: 'POST' })).status).toBe(405);
});
