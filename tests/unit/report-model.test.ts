import { HOUR_MS } from '../../src/usage/hours';
import { monday, randomOf, weekOf } from '../support/weeks';

/** Within a share of what it should be. */
const near = (value: number | undefined, wanted: number, share = 0.1) => {
  expect(value).toBeGreaterThan(wanted * (1 - share));
  expect(value).toBeLessThan(wanted * (1 + share));
};

test('[REPORT-10] the cost of deliveries, calls and connects is found in a week, and what each hour rests on', () => {
  const { verdict, cost, hours, correlation, together } = weekOf({ noise: 0.2 }).analysis;
  expect({ verdict, hours, together }).toEqual({ verdict: 'explained', hours: 168, together: [] });
  near(cost!.atRest, 3);
  near(cost!.micros.deliveries, 40);
  near(cost!.micros.calls, 250, 0.2);
  near(cost!.micros.connects, 5_000);
  expect(cost!.explained).toBeGreaterThan(0.98);
  expect(correlation.deliveries).toBeGreaterThan(0.95);
  expect(correlation.connects).toBeLessThan(0.5);
});

test('[REPORT-11] a server at its end says "at least" only: what the peak asked for is found beyond it', () => {
  const { cost, need, machine } = weekOf({ peakCalls: 4_000_000 }).analysis;
  near(cost!.micros.deliveries, 40);
  expect(cost!.saturated.length).toBeGreaterThan(10);
  expect(need).toMatchObject({ atLeast: true });
  // The week as it would be without an end.
  const free = weekOf({ peakCalls: 4_000_000, cap: 1_000 });
  const asked = Math.max(...free.hours.map(({ cpu }) => cpu!.total));
  near(need!.peakPercent, asked);
  expect(need!.servers).toBe(Math.ceil((asked - 3) / (60 - 3)));
  expect(need!.withOneLost).toBe(need!.servers + 1);
  expect(machine).toMatchObject({ cores: 4, enough: need!.servers <= 4 });
  // At that load one server is at its end.
  const { deliveries, calls, connects } = need!.saturation;
  near(3 + (deliveries! * 40 + calls! * 250 + connects! * 5_000) / 3_600 / 10_000, 100);
});

test('[REPORT-11] a knee below 100 % is found: it is what a server can do', () => {
  const { cost, need } = weekOf({ peakCalls: 4_000_000, cap: 70 }).analysis;
  near(cost!.knee!, 70, 0.03);
  near(cost!.micros.deliveries, 40);
  expect(need!.servers).toBe(Math.ceil((need!.peakPercent - 3) / (0.6 * cost!.knee! - 3)));
  expect(weekOf().analysis.cost!.knee).toBeNull();
});

test('[REPORT-11] servers that share too few cores are told so: more of them will not help', () => {
  const crowded = weekOf({ servers: 4, peakCalls: 12_000_000, cap: 45 }, { cores: 2 }).analysis;
  near(crowded.cost!.knee!, 45, 0.03);
  expect(crowded.machine).toMatchObject({ full: true, enough: false, advice: 2 });
  near(crowded.machine!.coresNeeded, (2 * crowded.need!.peakPercent) / (0.6 * 4 * 45), 0.2);
  // At rest they take more of it already than the peak may: no number of servers is advised.
  const heavy = weekOf({ servers: 4, atRest: 30, peakCalls: 12_000_000, cap: 45 }, { cores: 2 }).analysis;
  expect(heavy).toMatchObject({ need: null, machine: { full: true, enough: false, advice: 2 } });
  const wide = weekOf({ servers: 4, peakCalls: 4_000_000 }, { cores: 8 }).analysis;
  expect(wide.machine).toMatchObject({ full: false, enough: true, advice: wide.need!.withOneLost });
  expect(weekOf({ peakCalls: 12_000_000 }).analysis.machine).toMatchObject({ enough: false, advice: 4 });
});

test('[REPORT-12] shares of the peak add up, and the largest cause is the largest', () => {
  const { shares, peakLoad } = weekOf({ noise: 0.2 }).analysis.need!;
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  expect(total).toBeCloseTo(1);
  const deliveries = (peakLoad.deliveries! * 40) / (peakLoad.calls! * 250);
  near(shares.deliveries! / shares.calls!, deliveries, 0.25);
});

test('[REPORT-13] CPU that has nothing to do with the load is said to be so, and nothing is advised', () => {
  const random = randomOf(7);
  const { verdict, cost, need } = weekOf({
    micros: { deliveries: 0, calls: 0, connects: 0 },
    line: (line) => ({ ...line, cpuAverage: new Date(line.at).getUTCHours() < 5 ? 95 : 20 + 10 * random() }),
  }).analysis;
  expect({ verdict, cost, need }).toEqual({ verdict: 'unexplained', cost: null, need: null });
  const idle = weekOf({ micros: { deliveries: 0, calls: 0, connects: 0 } }).analysis;
  expect(idle.verdict).toBe('idle');
});

test('[REPORT-13] half explained is said to be half', () => {
  const random = randomOf(3);
  const backup = new Map<number, number>();
  const { verdict, need } = weekOf({
    line: (each) => {
      const hour = Math.floor((each.at - 1) / HOUR_MS);
      if (!backup.has(hour)) backup.set(hour, random() < 0.2 ? 22 : 0);
      return { ...each, cpuAverage: each.cpuAverage! + backup.get(hour)! };
    },
  }).analysis;
  expect(verdict).toBe('partly');
  expect(need).not.toBeNull();
});

test('[REPORT-13] too few hours, or a load that hardly changes, are too thin to say anything', () => {
  const isMorning = (at: number) => at > monday + 8 * HOUR_MS && at <= monday + 15 * HOUR_MS;
  const day = weekOf({ line: (line) => (isMorning(line.at) ? line : undefined) }).analysis;
  expect(day).toMatchObject({ verdict: 'thin', thin: 'few hours', hours: 7, cost: null, need: null });
  const usage = Array.from({ length: 168 }, (_, i) => ({
    hour: monday + i * HOUR_MS,
    totals: { 'calls.sendMessage': 5_000, deliveries: 100_000 + i },
  }));
  expect(weekOf({ atRest: 30 }, { usage }).analysis).toMatchObject({
    verdict: 'thin',
    thin: 'steady load',
  });
  expect(weekOf({ atRest: 200 }).analysis).toMatchObject({ verdict: 'thin', thin: 'always full' });
  expect(weekOf({}, { usage: undefined }).analysis).toMatchObject({ verdict: 'thin', hours: 0 });
});

test('[REPORT-13] loads that rise and fall together are named: what each costs cannot be told', () => {
  const usage = weekOf().hours.map(({ hour, calls }) => ({
    hour,
    totals: { 'calls.sendMessage': calls!, deliveries: calls! * 25 },
  }));
  const { together, need, cost } = weekOf({}, { usage }).analysis;
  expect(together).toEqual(['deliveries', 'calls']);
  expect(cost).not.toBeNull();
  expect(need!.servers).toBe(weekOf().analysis.need!.servers);
});

test('[REPORT-14] missing samples change nothing but the hours that the figures rest on', () => {
  const random = randomOf(5);
  const thinned = weekOf({ line: (line) => (random() < 0.15 ? undefined : line) });
  const gone = weekOf({ line: (line) => (new Date(line.at).getUTCHours() === 15 ? undefined : line) });
  for (const { analysis, hours } of [thinned, gone]) {
    expect(analysis.verdict).toBe('explained');
    near(analysis.cost!.micros.deliveries, 40, 0.15);
    expect(analysis.hours).toBeLessThan(168);
    expect(hours.some(({ absent }) => absent > 0)).toBe(true);
  }
});

test('[REPORT-14] freezes of ten seconds are found with their length and whether the server computed', () => {
  const frozen = new Map([
    [monday + 34 * HOUR_MS, true],
    [monday + 60 * HOUR_MS, false],
  ]);
  const { freezes, analysis } = weekOf({
    line: (line) => {
      const computing = frozen.get(line.at);
      if (computing === undefined) return line;
      return { ...line, loopDelayMaxMs: 10_000, missed: 2, cpuMaximum: computing ? 100 : 8 };
    },
  });
  expect(freezes).toMatchObject(
    [...frozen].map(([to, computing]) => ({
      server: 'chat-3001',
      from: to - 300_000,
      to,
      longestMs: 10_000,
      missed: 2,
      computing,
    })),
  );
  expect(analysis.verdict).toBe('explained');
});

test('[REPORT-14] lines in a row are one freeze; a server that is gone, or was started again, is none', () => {
  const ends = [1, 2, 4, 5, 6, 7].map((n) => monday + n * 300_000);
  const freezes = weekOf({
    line: (line) => {
      const index = ends.indexOf(line.at);
      if (index === -1) return line;
      if (index < 2) return { ...line, missed: 3, state: 'no answer', cpuMaximum: 0 };
      if (index === 2) return { ...line, missed: 1, pid: 101 };
      if (index === 3) return { ...line, missed: 60, pid: null, state: 'no answer' };
      return { ...line, pid: 102, missed: index === 4 ? 3 : 0 };
    },
  }).freezes;
  expect(freezes).toEqual([
    {
      server: 'chat-3001',
      from: monday,
      to: monday + 600_000,
      longestMs: null,
      missed: 6,
      computing: false,
    },
  ]);
});

test('[REPORT-14] a quiet weekend is part of the picture, not a finding', () => {
  const { analysis, peaks } = weekOf();
  const saturday = monday + 5 * 24 * HOUR_MS;
  expect(peaks.every(({ from }) => from < saturday)).toBe(true);
  expect(analysis.verdict).toBe('explained');
});
