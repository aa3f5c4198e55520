import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fleetProcesses, isAlive } from '../../src/fleet/processes';
import { crowdOn, everybodyIn, lossesOf, provenWell, sumOf } from '../support/busy-fleet';
import { eventually } from '../support/eventually';
import { testFleet, type TestFleet } from '../support/fleet';

const CLIENTS = 60;

jest.setTimeout(240_000);

let fleet: TestFleet;
let servers: string[];
let crowds = 0;

beforeAll(async () => {
  fleet = await testFleet(3);
  servers = [0, 1, 2].map((i) => `chat-${fleet.basePort + i}`);
  expect(await fleet.pm2('start', 'ecosystem.config.js')).toMatchObject({ code: 0 });
  await eventually(async () => expect((await fleet.status()).healthy).toBe(true), 30_000);
});

interface Cost {
  /** Times that a client lost its connection, over all clients, and at most of one. */
  reconnects: number;
  most: number;
  queued: number;
}

/** Does something to the fleet under load. Nothing that was acknowledged may be lost, and all have to get in again. */
async function underLoad(what: () => Promise<void>, forMs = 12_000): Promise<Cost> {
  // A crowd knows only what it sent itself, so each has rooms of its own.
  const rooms = Array.from({ length: 6 }, (_, i) => `native-${crowds}-${i}`);
  crowds++;
  const crowd = await crowdOn(fleet, CLIENTS, rooms);
  await Promise.all([crowd.sendSteadily({ ratePerSecond: 30, forMs, rooms }), what()]);
  await everybodyIn(crowd);
  await provenWell(crowd);
  const lost = lossesOf(crowd);
  await crowd.close();
  const sends = crowd.journals.flatMap((journal) => journal.sends);
  const queued = sends.filter(({ attempts }) =>
    attempts.some(({ answer }) => answer?.ok && answer.status === 'queued'),
  ).length;
  return { reconnects: sumOf(lost), most: Math.max(...lost), queued };
}

const told = (way: string, cost: Cost): void =>
  console.info(
    `${way}: ${cost.reconnects} reconnects of ${CLIENTS} clients, at most ${cost.most} of one; ${cost.queued} sends queued`,
  );

test('[NATIVE-1] pm2 stop of a server, and pm2 start of it, lose nothing; its clients reconnect, the others stay', async () => {
  const cost = await underLoad(async () => {
    expect((await fleet.pm2('stop', servers[1]!)).code).toBe(0);
    expect((await fleet.status()).servers.map(({ state }) => state)).toEqual(['ok', 'stopped', 'ok']);
    expect((await fleet.pm2('start', servers[1]!)).code).toBe(0);
  });
  told('pm2 stop and start of a server', cost);
  expect(cost.reconnects).toBeLessThanOrEqual(CLIENTS / 2);
  expect(cost.most).toBeLessThanOrEqual(1);
  expect(await fleet.status()).toMatchObject({ healthy: true });
});

test('[NATIVE-2] a killed PM2 daemon costs nothing; fleet up then takes the fleet over and loses nothing', async () => {
  const daemon = Number(readFileSync(join(fleet.env.PM2_HOME!, 'pm2.pid'), 'utf8'));
  const alone = await underLoad(async () => {
    process.kill(daemon, 'SIGKILL');
    await eventually(() => expect(isAlive(daemon)).toBe(false));
  }, 4_000);
  told('PM2 daemon killed', alone);
  expect(alone).toMatchObject({ reconnects: 0, queued: 0 });
  const orphans = fleetProcesses(fleet.varDir).map(({ pid }) => pid);
  const cost = await underLoad(async () => {
    expect(await fleet.run(['up'])).toMatchObject({ code: 0 });
  }, 20_000);
  told('fleet up after it', cost);
  expect(fleetProcesses(fleet.varDir).filter(({ pid }) => orphans.includes(pid))).toEqual([]);
});

test('[NATIVE-3] pm2 save, pm2 kill and pm2 resurrect bring the same fleet back, and lose nothing', async () => {
  expect((await fleet.pm2('save')).code).toBe(0);
  const before = (await fleet.apps()).map(({ name }) => name).sort();
  const cost = await underLoad(async () => {
    expect((await fleet.pm2('kill')).code).toBe(0);
    await eventually(() => expect(fleetProcesses(fleet.varDir)).toEqual([]), 30_000);
    expect((await fleet.pm2('resurrect')).code).toBe(0);
  }, 20_000);
  told('pm2 kill and resurrect', cost);
  expect((await fleet.apps()).map(({ name }) => name).sort()).toEqual(before);
  const up = await fleet.run(['up', '--json']);
  expect(JSON.parse(up.stdout)).toMatchObject({ started: [] });
});
