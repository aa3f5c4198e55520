import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { loadSettings } from '../../src/config/load-settings';
import { includeOf, renderNginx } from '../../src/fleet/nginx-render';
import { serversOf, type Plan } from '../../src/fleet/plan';
import { selfMadeCertificate } from '../support/certificate';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { ask, runNginx, startNginx, upgrade } from '../support/nginx';
import { freePortRun } from '../support/port-run';
import { startStandIn, type StandIn } from '../support/stand-in';

const template = readFileSync(join(__dirname, '..', '..', 'nginx', 'nginx.conf.template'), 'utf8');
const handshake = '/socket.io/?EIO=4&transport=polling';

let plan: Plan;
let servers: StandIn[];
let names: string[];
let folder: string;

beforeAll(async () => {
  plan = { servers: 3, basePort: await freePortRun(3) };
  names = serversOf(plan).map(({ name }) => name);
  servers = await Promise.all(serversOf(plan).map(({ port }) => startStandIn(port)));
  folder = mkdtempSync(join(tmpdir(), 'chat-outside-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
});

const body = async (port: number, options: object, path = handshake): Promise<string> =>
  (await ask(port, path, options)).body;

/** As Debian's nginx.conf is, with files and another site in the test's folder. */
const distribution = (other: number): string => `
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes auto;
pid ${folder}/nginx.pid;
events { worker_connections 768; }
http {
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    types { text/html html; }
    default_type application/octet-stream;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_prefer_server_ciphers on;
    access_log ${folder}/access.log;
    error_log ${folder}/error.log;
    gzip on;
    client_body_temp_path ${folder}/body;
    include ${folder}/conf.d/*.conf;
    map $http_upgrade $transport { default other; }
    server {
        listen 127.0.0.1:${other} default_server;
        server_name other.example;
        return 200 "another site, $transport";
    }
}
`;

test('[NGINX-24] what render --include prints serves the chat in the nginx of a distribution, beside other sites', async () => {
  const other = await freePortRun(1);
  const { settings } = loadSettings({ HTTP_PORT: `${other}` });
  const pages = join(folder, 'web');
  for (const name of [pages, join(folder, 'conf.d')]) mkdirSync(name);
  writeFileSync(join(pages, 'index.html'), 'the page');
  const around = { pages, descriptors: 1_024, ipv6Loopback: false };
  const text = includeOf(renderNginx(template, plan, settings, around, 'chat.example'));
  expect(text).not.toMatch(/worker_|events|[{]{2}/);
  writeFileSync(join(folder, 'conf.d', 'chat.conf'), text);
  writeFileSync(join(folder, 'nginx.conf'), distribution(other));
  const { log } = runNginx({ prefix: folder, conf: join(folder, 'nginx.conf') });
  const headers = { host: 'chat.example' };
  await eventually(async () =>
    expect({ log: log(), page: await body(other, { headers }, '/') }).toMatchObject({ page: 'the page' }),
  );
  expect(await body(other, {})).toBe('another site, other');
  for (const [i, name] of names.entries()) {
    const path = `${handshake}&sid=${name}~Zm9v`;
    expect(await body(other, { headers }, path)).toBe(`${servers[i]!.port}`);
  }
  expect((await ask(other, `${handshake}&sid=chat-1~Zm9v`, { headers })).status).toBe(400);
  const { head } = await upgrade(other, '/socket.io/?transport=websocket', 'chat.example');
  expect(head).toMatch(/^HTTP\/1.1 101/);
});

test('[NGINX-25] with TLS_CERT and TLS_KEY page, polling and WebSocket come by https; http is led there', async () => {
  const files = selfMadeCertificate(folder);
  const nginx = await startNginx(plan, files);
  writeFileSync(join(nginx.pages, 'index.html'), 'the page');
  const tls = {
    host: '127.0.0.1',
    port: nginx.port,
    servername: 'chat.example',
    ca: readFileSync(files.TLS_CERT),
  };
  const get = async (path: string): Promise<string> => {
    const outgoing = request({ ...tls, path, agent: false }).end();
    const [incoming] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream];
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    return text;
  };
  expect(await get('/')).toBe('the page');
  expect(await get(`${handshake}&sid=${names[1]}~Zm9v`)).toBe(`${servers[1]!.port}`);
  expect(servers[1]!.seen.at(-1)!.headers['x-forwarded-proto']).toBe('https');

  const socket = connect(tls);
  onCleanup(() => socket.destroy());
  await once(socket, 'secureConnect');
  socket.write(
    `GET /socket.io/?transport=websocket HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
  );
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 101/);
  socket.write('hello');
  expect(String((await once(socket, 'data'))[0])).toBe('hello');

  const plain = await ask(nginx.port, '/?room=x', { headers: { host: `chat.example:${nginx.port}` } });
  expect(plain.status).toBe(301);
  expect(plain.headers.location).toBe(`https://chat.example:${nginx.port}/?room=x`);
});

test('[NGINX-26] clients of a proxy of REAL_IP_FROM spread by their own addresses; without it all are the proxy', async () => {
  const behind = Array.from({ length: 60 }, (_, i) => `203.${i}.113.7`);
  const through = async (port: number, localAddress: string): Promise<Set<string>> => {
    const reply = (client: string) => body(port, { localAddress, headers: { 'x-forwarded-for': client } });
    return new Set(await Promise.all(behind.map(reply)));
  };
  const [unaware, aware] = [await startNginx(plan), await startNginx(plan, { REAL_IP_FROM: '127.8.0.0/16' })];
  expect((await through(unaware.port, '127.8.1.1')).size).toBe(1);
  expect((await through(aware.port, '127.8.1.1')).size).toBe(3);
  // Who is no proxy of ours cannot say who he is.
  for (const server of servers) server.seen = [];
  expect((await through(aware.port, '127.9.1.1')).size).toBe(1);
  const told = servers.flatMap(({ seen }) => seen.map(({ headers }) => headers['x-forwarded-for']));
  expect(told.every((addresses) => /, 127\.9\.1\.1$/.test(`${addresses}`))).toBe(true);
});
