import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { onCleanup } from '../support/cleanup';
import { program, projectRoot } from '../support/fleet';
import { startRedis } from '../support/redis';
import { startServer } from '../support/server';

const home = mkdtempSync(join(tmpdir(), 'chat-bench-test-'));
onCleanup(() => rmSync(home, { recursive: true, force: true }));

const bench = (...args: string[]) =>
  program(process.execPath, [join(projectRoot, 'dist', 'cli', 'main.js'), 'bench', ...args], {
    VAR_DIR: join(home, 'var'),
  });
const small = ['--users', '10', '--rate', '30', '--for', '1s'];

interface Result {
  schema: string;
  rooms: boolean;
  result: Record<string, number>;
  asserts: { ok: boolean }[];
}

test('[BENCH-11] a server of the fleet: rooms, acknowledgements, nothing astray; asserts decide the exit code', async () => {
  const redis = await startRedis();
  const { url } = await startServer({ redisUrl: redis.url });
  const args = ['--url', url, ...small, '--rooms', '2', '--transport', 'both', '--json'];
  const good = await bench(...args, '--assert', 'ack.p99<30s', '--assert', 'lost=0');
  expect(good.code).toBe(0);
  const shown = JSON.parse(good.stdout) as Result;
  expect(shown).toMatchObject({
    schema: 'fleet.bench/1',
    rooms: true,
    asserts: [{ ok: true }, { ok: true }],
  });
  // 30 a second, 2 s before it counts and 1 s that does, each to the 5 members of a room.
  expect(shown.result).toMatchObject({ sent: 90, acknowledged: 90, delivered: 450, missing: 0, gaps: 0 });
  expect(good.stderr).toContain('users are in'); // progress
  const bad = await bench('--url', url, ...small, '--assert', 'ack.p99<0.001ms');
  expect(bad.code).toBe(3);
  expect(bad.stdout).toMatch(/FAILS +ack\.p99<0\.001ms/);
});

test('[BENCH-12] any Socket.IO server that knows sendMessage, as a string, whatever its events are called', async () => {
  const http = createServer();
  const io = new Server(http);
  io.on('connection', (socket) =>
    socket.on('sendMessage', (text: string) => io.emit('new message', { text })),
  );
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  onCleanup(() => io.close());
  const { port } = http.address() as AddressInfo;
  const { code, stdout } = await bench('--url', `http://localhost:${port}`, ...small, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout) as Result).toMatchObject({
    rooms: false,
    result: { sent: 90, acknowledged: 0, delivered: 900, gaps: 0, backwards: 0 },
  });
});

test('[BENCH-13] nobody there is a precondition, and wrong usage is told', async () => {
  const nobody = await bench('--url', 'http://127.0.0.1:9', ...small);
  expect(nobody.code).toBe(4);
  expect(nobody.stderr).toContain('No Socket.IO server that lets in answers at http://127.0.0.1:9');
  for (const args of [
    ['--assert', 'ack<1'],
    ['--users', '0'],
    ['--url', 'https://a.example'],
    ['--for', 'long'],
  ])
    expect([args, (await bench(...args)).code]).toEqual([args, 2]);
});
