import { spawnSync } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../src/fleet/processes';
import type { RecordLine } from '../../src/monitor/line';
import type { Live } from '../../src/protocol/ops';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import type { TestFleet } from '../support/fleet';
import { ask } from '../support/nginx';
import { RecordedFleet } from '../support/recorded-fleet';

jest.setTimeout(120_000);

let recorded: RecordedFleet;
let fleet: TestFleet;
let url: string;
let token: string;

beforeAll(async () => {
  recorded = await RecordedFleet.make();
  ({ fleet } = recorded);
  expect((await fleet.run(['ops'])).code).toBe(4);
  expect((await fleet.run(['up'])).code).toBe(0);
  url = `http://127.0.0.1:${fleet.opsPort}`;
  await eventually(async () => expect((await fleet.run(['ops'])).code).toBe(0), 30_000);
}, 120_000);

test('[OPS-4] fleet ops prints an address that opens the figures; nothing else of the fleet shows them', async () => {
  const { stdout } = await fleet.run(['ops']);
  [, token] = /^http:\/\/127\.0\.0\.1:\d+\/ops#token=([\w-]{43})\n$/.exec(stdout) as unknown as [
    string,
    string,
  ];
  await eventually(async () => {
    const response = await fetch(`${url}/ops/live`, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
    const told = (await response.json()) as Live;
    // A server that is busy with its start may miss a look.
    expect(told).toMatchObject({ servers: [{ state: 'ok' }, { state: 'ok' }], redis: { up: true } });
  });
  expect((await fetch(`${url}/ops`)).headers.get('content-security-policy')).toContain("default-src 'none'");
  // Neither through nginx nor at a server; and no other machine reaches the port.
  for (const path of ['/ops', '/ops/live', '/metrics', '/ops.html'])
    for (const port of [fleet.httpPort, fleet.basePort])
      expect([path, (await ask(port, path)).status]).toEqual([path, 404]);
  const listening = readFileSync('/proc/net/tcp', 'utf8').split('\n').filter((row) =>
    row.includes(`:${fleet.opsPort.toString(16).toUpperCase()} 00000000:0000 0A`)); // prettier-ignore
  expect(listening.map((row) => row.trim().split(/[ :]+/)[1])).toEqual(['0100007F']);
  expect(statSync(join(fleet.varDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(spawnSync('grep', ['-r', token, join(fleet.varDir, 'log')]).status).toBe(1);
  const { helpers } = await fleet.status();
  expect(helpers.at(-1)).toMatchObject({ name: 'chat-monitor', port: fleet.opsPort, state: 'ok' });
});

test('[OPS-4] a port that is taken, or another one, is named like those of all others', async () => {
  const other = await fleet.run(['up'], { OPS_PORT: `${fleet.opsPort + 1}` });
  expect(other).toMatchObject({ code: 4 });
  expect(other.stderr).toContain(`chat-monitor runs, but not on port ${fleet.opsPort + 1}`);
  expect((await fleet.run(['up'], { OPS_PORT: `${fleet.httpPort}` })).stderr).toContain(
    'HTTP_PORT and OPS_PORT are both',
  );
});

test('[OPS-2] a frozen server is chat_up 0 within seconds, and its memory shows', async () => {
  const [frozen] = recorded.servers;
  const pid = await recorded.pidOf(frozen);
  process.kill(pid, 'SIGSTOP');
  onCleanup(() => isAlive(pid) && process.kill(pid, 'SIGCONT'));
  const metrics = async () => (await fetch(`${url}/metrics`)).text();
  await eventually(async () => {
    const text = await metrics();
    expect(text).toContain(`chat_up{server="${frozen}"} 0\n`);
    expect(text).toMatch(RegExp(`chat_memory_bytes{server="${frozen}"} \\d{8}`));
  }, 20_000);
  process.kill(pid, 'SIGCONT');
  await eventually(async () => expect(await metrics()).toContain(`chat_up{server="${frozen}"} 1\n`), 20_000);
});

/** Lines of the record from now on, over so many of its intervals of a second. */
async function linesOver(intervals: number): Promise<RecordLine[]> {
  const since = recorded.lines().length;
  return eventually(
    () => {
      const lines = recorded.lines().slice(since);
      expect(lines.length).toBeGreaterThanOrEqual(2 * intervals);
      return lines;
    },
    10_000 + 4_000 * intervals,
  );
}

/** Two lines for each moment, and no second without one. */
function expectWhole(lines: RecordLine[]): void {
  expect(lines.filter(({ missed, state }) => missed > 0 || state !== 'ok')).toEqual([]);
  for (const server of recorded.servers) {
    const own = lines.filter((line) => line.server === server);
    const late = own.filter(
      ({ at }, i) => i > 0 && at - own[i - 1]!.at > 1_000 * Math.max(1, own[i]!.seconds),
    );
    expect(late).toEqual([]);
  }
}

test('[OPS-5] clients that ask without end, send nonsense and never go leave the record as it is', async () => {
  const sockets: Socket[] = Array.from({ length: 300 }, () =>
    connect(fleet.opsPort, '127.0.0.1').on('error', () => undefined),
  );
  onCleanup(() => sockets.forEach((socket) => socket.destroy()));
  for (const [i, socket] of sockets.entries())
    socket.write(
      i % 3 === 0
        ? 'GET /metrics HTTP/1.1\r\nHost: '
        : i % 3 === 1
          ? '\0'.repeat(1_000)
          : 'POST /ops HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\nx',
    );
  let going = true;
  onCleanup(() => (going = false));
  const hammer = async (path: string): Promise<void> => {
    while (going)
      await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
        .then((each) => each.text())
        .catch(() => undefined);
  };
  const hammers = [
    '/metrics',
    '/ops/history?range=week',
    '/ops/verdict?range=week&lang=ko',
    '/ops/live',
    '/nothing',
  ].map(hammer);
  const lines = await linesOver(8);
  going = false;
  await Promise.all(hammers);
  expectWhole(lines);
  for (const socket of sockets) socket.destroy();
  await eventually(async () => expect((await fetch(`${url}/livez`)).status).toBe(200));
});

test('[OPS-5] a monitor whose port somebody else holds writes the record, and shows the page when it is free', async () => {
  const pid = await recorded.pidOf('chat-monitor');
  const holder = createServer();
  onCleanup(() => holder.close());
  process.kill(pid, 'SIGKILL');
  await eventually(
    () =>
      new Promise<void>((done, failed) => {
        holder
          .once('error', failed)
          .listen({ port: fleet.opsPort, host: '127.0.0.1', exclusive: true }, done);
      }),
  );
  await recorded.newLine(({ state }) => state === 'ok');
  expectWhole(await linesOver(7));
  await new Promise((closed) => holder.close(closed));
  await eventually(async () => expect((await fetch(`${url}/livez`)).status).toBe(200), 20_000);
  const said = readFileSync(join(fleet.varDir, 'log', 'chat-monitor.log'), 'utf8');
  expect(said.match(/The operator page ended/g)).toHaveLength(1);
});
