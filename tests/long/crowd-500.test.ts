import { check } from '../../src/load/checker';
import type { Transport } from '../../src/load/client';
import { Crowd } from '../../src/load/crowd';
import { sourceAddress } from '../../src/load/sources';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { testFleet } from '../support/fleet';

const CLIENTS = 500;
const SERVERS = 4;
const TABLES = 50;

function sharesOf(crowd: Crowd): Map<string | undefined, number> {
  const shares = new Map<string | undefined, number>();
  for (const { server } of crowd.clients) shares.set(server, (shares.get(server) ?? 0) + 1);
  return shares;
}

test('[LOAD-3] 500 stock clients of 500 networks, by polling and WebSocket, through nginx to 4 servers', async () => {
  const fleet = await testFleet(SERVERS);
  expect(await fleet.run(['up'])).toMatchObject({ code: 0 });
  const url = `http://127.0.0.1:${fleet.httpPort}`;
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
