import type { Transport } from '../../src/load/client';
import { Crowd } from '../../src/load/crowd';
import { agentFrom, sourceAddress } from '../../src/load/sources';
import { skewOf } from '../../src/fleet/server-status';
import { eventually } from '../support/eventually';
import { testFleet, type TestFleet } from '../support/fleet';

const CLIENTS = 200;
const SERVERS = 4;
const transports: Transport[] = ['polling', 'websocket', 'upgrade'];

/** Where the people are, and the address of each of them. */
const places: Record<string, (index: number) => string> = {
  'one address': () => '127.77.7.7',
  'one network': (index) => `127.77.7.${1 + index}`,
  'many networks': sourceAddress,
};
const methods = ['ip_hash', 'consistent', 'least_conn'];

/** The most people on one server, by its fair share. */
async function skewFrom(fleet: TestFleet, address: (index: number) => string): Promise<number> {
  const url = `http://127.0.0.1:${fleet.httpPort}`;
  const crowd = new Crowd({ urls: [url], clients: 0, transports, rooms: () => [] });
  for (let index = 0; index < CLIENTS; index++) crowd.add({ agent: agentFrom(address(index)) });
  try {
    await crowd.connectAll();
    expect(crowd.errors()).toEqual([]);
    const on = new Map<string, number>();
    for (const { server } of crowd.clients) on.set(server!, (on.get(server!) ?? 0) + 1);
    return skewOf(Array.from({ length: SERVERS }, (_, i) => [...on.values()][i] ?? 0))!;
  } finally {
    await crowd.close();
    await eventually(async () => expect((await fleet.status()).connections).toBe(0), 30_000);
  }
}

test('[NGINX-28] 200 people behind one address are on one server by ip_hash, and spread evenly by least_conn', async () => {
  const fleet = await testFleet(SERVERS);
  expect(await fleet.run(['up'])).toMatchObject({ code: 0 });
  const skew: Record<string, Record<string, number>> = {};
  for (const BALANCE of methods) {
    expect(await fleet.run(['nginx', 'reload'], { BALANCE })).toMatchObject({ code: 0 });
    skew[BALANCE] = {};
    for (const [place, address] of Object.entries(places))
      skew[BALANCE][place] = await skewFrom(fleet, address);
  }
  console.table(skew);
  expect(skew).toMatchObject({
    ip_hash: { 'one address': SERVERS, 'one network': SERVERS },
    consistent: { 'one address': SERVERS },
  });
  // Those who begin by polling, two thirds, have no connection between two requests: of two servers by chance the emptier
  // gets them, so the emptiest of four could get half of them, and its quarter of the rest: 1.67.
  expect(Math.max(...Object.values(skew.least_conn!))).toBeLessThan(1.7);
  const others = [
    skew.consistent!['one network']!,
    ...methods.map((method) => skew[method]!['many networks']!),
  ];
  expect(Math.max(...others)).toBeLessThan(2);
}, 300_000);
