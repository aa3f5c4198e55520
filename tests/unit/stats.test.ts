import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readStats } from '../../src/fleet/probe';
import { Sampler } from '../../src/monitor/sampler';
import { onCleanup } from '../support/cleanup';
import { statsOf } from '../support/stats';

const good = statsOf({ pid: process.pid });

let said: unknown;
let port: number;

beforeAll(async () => {
  const http = createServer((_, response) => response.end(JSON.stringify(said)));
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  onCleanup(() => void http.close());
  ({ port } = http.address() as AddressInfo);
});

const foreign: unknown[] = [
  null,
  [],
  'ok',
  { status: 'ok' },
  { ...good, name: 'chat-3002' },
  { ...good, state: 'fine' },
  { ...good, pid: '7' },
  { ...good, connections: -1 },
  { ...good, calls: 1e300 },
  { ...good, loop: null },
  { ...good, loop: { utilization: 1 } },
];

test('[RECORD-12] what another program on the port of a server says is no answer, and the others keep their lines', async () => {
  const [stranger, other] = [good.name, 'chat-9'].map((name) => ({ name, port }));
  said = good;
  expect(await readStats(stranger!)).toEqual(good);
  for (said of foreign) expect([said, await readStats(stranger!)]).toEqual([said, undefined]);
  said = { ...good, name: 'chat-9', loop: {} };
  const sampler = new Sampler();
  await sampler.probe([stranger!, other!]);
  said = { ...good, name: 'chat-9' };
  await sampler.probe([stranger!, other!]);
  expect(sampler.lines(0)).toMatchObject([
    { server: 'chat-3001', state: 'no answer', missed: 2 },
    { server: 'chat-9', state: 'ok', missed: 1 },
  ]);
});
