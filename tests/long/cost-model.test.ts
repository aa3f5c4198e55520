import { setTimeout as sleep } from 'node:timers/promises';
import { reportText } from '../../src/cli/report/text';
import { serversOf } from '../../src/fleet/plan';
import type { Totals } from '../../src/usage/hours';
import { ours } from '../../src/load/raw/dialects';
import { runLoad, type LoadResult } from '../../src/load/raw/run';
import { eventually } from '../support/eventually';
import { grown, reportOfPeriods, type Period } from '../support/periods';
import { TroubledFleet } from '../support/troubled-fleet';

/** Each delivery costs some ten times of what it does: a tenth of the load brings a server to its end. */
const DELIVERY_MICROS = 600;
const TARGET = 60;
const LINE_MS = 5_000;
const PERIOD_MS = 2 * LINE_MS;
const PERIODS = 3;
/**
 * Three loads; how many hear a message differs, or calls and deliveries could not be told apart. Four rooms: none takes
 * more than half of an event loop (windowMs), which with this cost one room would need.
 */
const ROOMS = 4;
const loads = [
  { users: 40, rate: 24 },
  { users: 80, rate: 24 },
  { users: 120, rate: 36 },
];

const troubled = TroubledFleet.make(2, LINE_MS / 1_000);

async function start(servers: number): Promise<void> {
  const { fleet } = await troubled;
  await fleet.run(['down']);
  expect((await fleet.run(['up'], { SERVERS: `${servers}` })).code).toBe(0);
}

/** The load goes on while it is looked at for some periods, each as long as two lines of the record. */
async function play({ users, rate }: { users: number; rate: number }, servers: number, count: number) {
  const { fleet } = await troubled;
  const target = { host: '127.0.0.1', port: fleet.httpPort };
  let looked: Promise<Period[]> | undefined;
  const load = { users, rooms: ROOMS, rate, warmUpMs: 3_000, forMs: count * PERIOD_MS + LINE_MS + 1_000 };
  const result = await runLoad([target], ours, load, {
    progress: () => undefined,
    begins: () => void (looked = look(servers, count)),
  });
  process.stderr.write(
    `${users} users, ${rate}/s: ack p99 ${result.ack.p99} ms, delivery p99 ${result.delivery.p99} ms\n`,
  );
  expect(result).toMatchObject({
    unanswered: 0,
    refused: 0,
    missing: 0,
    gaps: 0,
    backwards: 0,
    seqBreaks: 0,
  });
  return { result, periods: await looked! };
}

async function look(servers: number, count: number): Promise<Period[]> {
  const fleet = await troubled;
  const periods: Period[] = [];
  let from = Math.ceil(Date.now() / LINE_MS) * LINE_MS;
  await sleep(from - Date.now()); // a period of time, as the record counts it
  let before = await fleet.counted();
  for (let i = 0; i < count; i++) {
    const to = from + PERIOD_MS;
    await sleep(to - Date.now());
    const after = await fleet.counted();
    periods.push({ from, to, counted: grown(before, after), lines: [] });
    [from, before] = [to, after];
  }
  return Promise.all(
    periods.map(async (each) => ({ ...each, lines: await fleet.record(each.from, each.to, servers) })),
  );
}

/** CPU of each server, percent of one core. */
const cpuOf = (periods: Period[]): Record<string, number> => {
  const lines = periods.flatMap((period) => period.lines);
  const names = [...new Set(lines.map(({ server }) => server))];
  return Object.fromEntries(
    names.map((name) => {
      const own = lines.filter(({ server }) => server === name).map(({ cpuAverage }) => cpuAverage!);
      return [name, own.reduce((sum, each) => sum + each, 0) / own.length];
    }),
  );
};

test('[REPORT-20] counts are exact, the CPU is explained, and the servers that the report asks for carry the peak, one fewer does not', async () => {
  const fleet = await troubled;
  fleet.ask({ deliveryMicros: DELIVERY_MICROS });
  await start(1);
  // Two people checked the servers at the start: that is counted a moment later.
  let before!: Totals;
  await eventually(async () =>
    expect((before = await fleet.counted())).toMatchObject({ 'calls.join': 2, deliveries: 2 }),
  );
  const results: LoadResult[] = [];
  const periods: Period[] = [];
  for (const load of loads) {
    const played = await play(load, 1, PERIODS);
    results.push(played.result);
    periods.push(...played.periods);
  }
  const sum = (of: (result: LoadResult) => number): number =>
    results.reduce((total, each) => total + of(each), 0);
  const people = loads.reduce((total, { users }) => total + users, 0);
  await eventually(async () =>
    expect(grown(before, await fleet.counted())).toMatchObject({
      'calls.sendMessage': sum(({ sent }) => sent),
      'calls.join': people,
      deliveries: sum(({ delivered }) => delivered),
      connects: people,
    }),
  );

  const names = serversOf({ servers: 1, basePort: fleet.fleet.basePort }).map(({ name }) => name);
  const report = reportOfPeriods(periods, names, LINE_MS);
  const { analysis } = report;
  process.stderr.write(`${reportText(report, '#')}\n`);
  expect(analysis).toMatchObject({ verdict: 'explained', hours: loads.length * PERIODS });
  expect(analysis.correlation.deliveries).toBeGreaterThan(0.9);
  const { micros } = analysis.cost!;
  expect(micros.deliveries! / DELIVERY_MICROS).toBeGreaterThan(0.9);
  expect(micros.deliveries! / DELIVERY_MICROS).toBeLessThan(1.5);
  const { servers } = analysis.need!;
  expect(servers).toBe(2);
  const peak = loads.at(-1)!;
  const fewer = cpuOf(periods.slice(-PERIODS));
  for (const cpu of Object.values(fewer)) expect(cpu).toBeGreaterThan(TARGET);

  await start(servers);
  const enough = cpuOf((await play(peak, servers, 2)).periods);
  process.stderr.write(`peak on one: ${JSON.stringify(fewer)}, on ${servers}: ${JSON.stringify(enough)}\n`);
  expect(Object.keys(enough)).toHaveLength(servers);
  for (const cpu of Object.values(enough)) expect(cpu).toBeLessThan(TARGET);
}, 290_000);
