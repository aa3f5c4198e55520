import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../src/load/checker';
import type { Crowd } from '../../src/load/crowd';
import { fleetProcesses } from '../../src/fleet/processes';
import { crowdOn, everybodyIn, lossesOf, sendOn } from '../support/busy-fleet';
import { testFleet, type TestFleet } from '../support/fleet';

jest.setTimeout(180_000);

const CLIENTS = 30;
const ROOMS = ['scale-a', 'scale-b', 'scale-c'];

let fleet: TestFleet;
let crowd: Crowd;
let stop: () => Promise<void>;

beforeAll(async () => {
  fleet = await testFleet(2);
  await fleet.done('up');
  crowd = await crowdOn(fleet, CLIENTS, ROOMS);
  stop = sendOn(crowd, 20, ROOMS);
});

const serversInUse = (): Set<string | undefined> => new Set(crowd.clients.map(({ server }) => server));

test('[SCALE-1] a dry run says what would happen, and does nothing', async () => {
  const before = readFileSync(join(fleet.varDir, 'fleet.json'), 'utf8');
  expect(await fleet.done('scale', '3', '--dry-run')).toContain('dry run');
  expect(readFileSync(join(fleet.varDir, 'fleet.json'), 'utf8')).toBe(before);
  expect(await fleet.done('scale', '2')).toContain('2 servers already');
  expect((await fleet.run(['scale', '0'])).code).toBe(2);
});

test('[SCALE-5] scaling out starts what is new and touches nobody: no connection ends, no server restarts', async () => {
  const before = fleetProcesses(fleet.varDir).map(({ pid, kind }) => (kind === 'server' ? pid : 0));
  expect(await fleet.done('scale', '3')).toContain('2 -> 3 servers');
  const after = fleetProcesses(fleet.varDir).map(({ pid }) => pid);
  expect(after).toEqual(expect.arrayContaining(before.filter((pid) => pid > 0)));
  const status = await fleet.status();
  expect(status.servers.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  expect(lossesOf(crowd)).toEqual(lossesOf(crowd).map(() => 0));
});

test('[SCALE-5] newcomers come to the new server as well', async () => {
  for (let i = 0; i < CLIENTS / 2; i++) crowd.add().connect();
  await everybodyIn(crowd, 30_000);
  expect(serversInUse().size).toBe(3);
});

test('[SCALE-5] scaling in sends the people of a server to the others before it ends', async () => {
  const before = lossesOf(crowd);
  expect(await fleet.done('scale', '2', '--within', '3s')).toContain('3 -> 2 servers');
  await everybodyIn(crowd, 30_000);
  expect(serversInUse().size).toBe(2);
  for (const [i, lost] of lossesOf(crowd).entries()) expect(lost - before[i]!).toBeLessThanOrEqual(1);
  expect((await fleet.apps()).map(({ name }) => name)).toHaveLength(5);
  expect((await fleet.status()).healthy).toBe(true);
});

test('[SCALE-1] after all that nothing was lost, doubled or out of order', async () => {
  await stop();
  const logs = await crowd.settle();
  const report = check({ seed: crowd.seed, journals: crowd.journals, logs });
  expect(report).toMatchObject({ examples: [], violations: 0, unknown: 0 });
  expect(report.sends).toBeGreaterThan(100);
  await crowd.close();
});
