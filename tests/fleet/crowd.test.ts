import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { check } from '../../src/load/checker';
import type { Transport } from '../../src/load/client';
import { Crowd } from '../../src/load/crowd';
import { sourceAddress } from '../../src/load/sources';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { freePort, freePorts } from '../support/ports';

const CLIENTS = 500;
const SERVERS = 4;
const TABLES = 50;
const cli = join(__dirname, '../../dist/cli/main.js');

/** A fleet of its own, of the built command. Returns its URL. */
async function startFleet(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'chat-crowd-'));
  const [httpPort, redisPort] = await freePorts(2);
  const env = {
    ...process.env,
    PM2_HOME: join(home, 'pm2'),
    VAR_DIR: join(home, 'var'),
    SERVERS: `${SERVERS}`,
    BASE_PORT: `${await basePort()}`,
    HTTP_PORT: `${httpPort}`,
    REDIS_PORT: `${redisPort}`,
  };
  const fleet = (command: string) => promisify(execFile)(process.execPath, [cli, command], { env });
  onCleanup(async () => {
    await fleet('down');
    rmSync(home, { recursive: true, force: true });
  });
  await fleet('up');
  return `http://127.0.0.1:${httpPort}`;
}

/** The ports after this one are the servers': above what the system gives out, so hardly ever taken. */
async function basePort(): Promise<number> {
  return 61_000 + ((await freePort()) % 4_000);
}

function sharesOf(crowd: Crowd): Map<string | undefined, number> {
  const shares = new Map<string | undefined, number>();
  for (const { server } of crowd.clients) shares.set(server, (shares.get(server) ?? 0) + 1);
  return shares;
}

test('500 stock clients of 500 networks, by polling and WebSocket, through nginx to 4 servers', async () => {
  const url = await startFleet();
  const transports: Transport[] = ['polling', 'websocket', 'upgrade'];
  const rooms = (client: number): string[] => [`table-${client % TABLES}`];
  const crowd = new Crowd({ urls: [url], clients: CLIENTS, transports, rooms });
  onCleanup(() => crowd.close());
  console.info(`seed ${crowd.seed}`);
  await crowd.connectAll();

  const tables = Array.from({ length: TABLES }, (_, table) => `table-${table}`);
  await crowd.sendSteadily({ ratePerSecond: 80, forMs: 8_000, rooms: ['lobby', ...tables] });
  const logs = await crowd.settle();
  const report = check({ seed: crowd.seed, journals: crowd.journals, logs });
  expect(report).toMatchObject({ examples: [], violations: 0, sends: 640, committed: 640, clients: CLIENTS });

  expect(crowd.errors()).toEqual([]);
  const inUse = ['polling', 'websocket', 'websocket'];
  await eventually(() =>
    expect(crowd.clients.map((client) => client.transport)).toEqual(
      crowd.clients.map((_, i) => inUse[i % 3]),
    ),
  );
  expect(new Set(crowd.clients.map((_, index) => sourceAddress(index))).size).toBeGreaterThanOrEqual(50);
  const shares = sharesOf(crowd);
  expect(shares.size).toBe(SERVERS);
  expect(Math.max(...shares.values())).toBeLessThanOrEqual((1.3 * CLIENTS) / SERVERS);
}, 120_000);
