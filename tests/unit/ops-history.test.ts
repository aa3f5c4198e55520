import type { HistoryPoint } from '../../src/protocol/ops';
import { freezesOf } from '../../src/monitor/freezes';
import type { RecordLine } from '../../src/monitor/line';
import { eventsOf } from '../../src/monitor/ops/events';
import { historyOf } from '../../src/monitor/ops/history';
import { kept } from '../../src/monitor/ops/kept';
import { liveOf } from '../../src/monitor/ops/live';
import type { Look, ServerLook } from '../../src/monitor/ops/look';
import { together } from '../../src/monitor/ops/together';
import { Memory, nothing, pointOf } from '../../src/monitor/ops/memory';
import { HOUR_MS } from '../../src/usage/hours';
import { statsOf } from '../support/stats';
import { monday, quietLine, weekOf } from '../support/weeks';

const LINE_MS = 300_000;
const line = (minutes: number, server: string, more: Partial<RecordLine> = {}): RecordLine => ({
  ...quietLine(monday + minutes * 60_000, server, 10),
  ...more,
});
const kinds = (lines: RecordLine[]) =>
  eventsOf(lines, freezesOf(lines)).map((event) =>
    'server' in event ? `${event.kind} ${event.server}` : event.kind,
  );

test('[OPS-7] another process is a restart; of every server within minutes it is a deploy', () => {
  const pids = (a: number, b: number, minutes: number) => [
    line(minutes, 'a', { pid: a }),
    line(minutes, 'b', { pid: b }),
  ];
  expect(kinds([...pids(1, 2, 5), ...pids(1, 2, 10)])).toEqual([]);
  expect(kinds([...pids(1, 2, 5), ...pids(3, 2, 10), ...pids(3, 2, 15)])).toEqual(['restart a']);
  expect(kinds([...pids(1, 2, 5), ...pids(3, 2, 10), ...pids(3, 4, 15)])).toEqual(['deploy']);
  expect(kinds([...pids(1, 2, 5), ...pids(3, 2, 10), ...pids(3, 4, 60)])).toEqual(['restart a', 'restart b']);
  // A dead one that is back was restarted once, and is no freeze.
  const dead = line(10, 'a', { pid: null, missed: 60, state: 'no answer' });
  expect(kinds([line(5, 'a', { pid: 1 }), dead, line(15, 'a', { pid: 2 })])).toEqual(['restart a']);
  expect(kinds([line(5, 'a'), line(10, 'a', { missed: 2 })])).toEqual(['freeze a']);
});

test('[OPS-7] a deploy ends with other names than it began with; more or fewer servers are none', () => {
  const at = (minutes: number, pids: Record<string, number>) =>
    Object.entries(pids).map(([server, pid]) => line(minutes, server, { pid }));
  const before = at(5, { 3001: 1, 3002: 2 });
  // All within one interval, or as it goes: a spare one, the first anew, the last away.
  expect(kinds([...before, ...at(10, { 3001: 3, 3003: 4 })])).toEqual(['deploy']);
  const slow = [at(10, { 3001: 1, 3002: 2, 3003: 4 }), at(15, { 3001: 3, 3002: 2, 3003: 4 })];
  const after = at(20, { 3001: 3, 3003: 4 });
  expect(kinds([...before, ...slow.flat(), ...after])).toEqual(['deploy']);
  // The next one uses a name of the first again, hours later.
  const next = [at(300, { 3001: 3, 3003: 4 }), at(305, { 3001: 5, 3002: 6 })];
  expect(kinds([...before, ...slow.flat(), ...after, ...next.flat()])).toEqual(['deploy', 'deploy']);
  expect(kinds([...at(5, { 3001: 1 }), ...at(10, { 3002: 2 })])).toEqual(['deploy']);
  expect(kinds([...before, ...at(10, { 3001: 1, 3002: 2, 3003: 3 })])).toEqual([]);
  expect(kinds([...before, ...at(10, { 3001: 3, 3002: 2, 3003: 4 })])).toEqual(['restart 3001']);
  expect(kinds([...before, ...at(10, { 3001: 1 }), ...at(60, { 3001: 3 })])).toEqual(['restart 3001']);
});

test('[OPS-7] what was seen counts first, then what was recorded, then what was counted', () => {
  const report = weekOf();
  const to = monday + 2 * HOUR_MS;
  const row = report.hours[1]!;
  const seen: HistoryPoint = { ...nothing(to - 10_000), calls: 7, cpuAverage: 90, redisMemoryBytes: 5 };
  const lines = [line(115, 'a'), line(120, 'a', { cpuAverage: 30, loopDelayMaxMs: 4_000 }), line(120, 'b')];
  const points = historyOf({ seen: [seen], lines, hours: report.hours }, to, 'hour');
  expect(points).toHaveLength(120);
  expect(points.at(-1)).toEqual({ ...seen, at: to - 30_000, deliveries: row.deliveries! / 3_600, cpuMaximum: 12, delayMaxMs: 4_000, connections: 200 }); // prettier-ignore
  expect(points.at(-3)).toMatchObject({ calls: row.calls! / 3_600, cpuAverage: 20, redisMemoryBytes: null });
  expect(points.at(-12)).toMatchObject({ cpuAverage: 10, delayMaxMs: 20, connections: 100 });
  expect(points[0]).toMatchObject({ calls: row.calls! / 3_600, cpuAverage: null });
  const week = historyOf({ seen: [], lines: [], hours: report.hours }, monday + 168 * HOUR_MS, 'week');
  expect(week.map(({ calls }) => Math.round(calls! * 3_600))).toEqual(report.hours.map(({ calls }) => calls));
});

const look = (clock: number, servers: ServerLook[], redis?: Record<string, string>): Look => ({
  ...{ at: monday + clock, clock, servers },
  ...(redis && { redis }),
});
const server = (calls: number, cpuMs: number, more: Partial<ServerLook> = {}): ServerLook => ({
  ...{ name: 'a', port: 1 },
  stats: statsOf({ calls, deliveries: 10 * calls }),
  process: { pid: 7, start: 1, cpuMs, memoryBytes: 1e8 },
  ...more,
});
const facts = (cpu: number, id = 'x') => ({
  used_memory: '5',
  used_cpu_user: `${cpu}`,
  used_cpu_sys: '1',
  run_id: id,
});

test('[OPS-6] rates are differences between two looks; of another process there are none', () => {
  const first = look(0, [server(100, 1_000)], facts(1));
  const live = liveOf(first, look(2_000, [server(150, 2_000)], facts(2)));
  expect(live).toMatchObject({
    servers: [{ state: 'ok', calls: 25, deliveries: 250, cpu: 50 }],
    redis: { up: true, cpu: 50 },
  });
  const other = server(5, 10, {
    stats: statsOf({ startedAt: 2 }),
    process: { pid: 8, start: 2, cpuMs: 10, memoryBytes: 1 },
  });
  const restarted = liveOf(first, look(2_000, [other], facts(0, 'y')));
  for (const key of ['calls', 'deliveries', 'cpu']) expect(restarted.servers[0]).not.toHaveProperty(key);
  expect(restarted.redis).not.toHaveProperty('cpu');
  const { stats: _, ...silent } = server(0, 2_000);
  expect(liveOf(first, look(2_000, [silent]))).toMatchObject({
    servers: [{ state: 'no answer', cpu: 50 }],
    redis: { up: false },
  });
  expect(liveOf(undefined, look(0, [{ name: 'a', port: 1 }])).servers).toEqual([
    { name: 'a', port: 1, state: 'down' },
  ]);
});

test('[OPS-7] an hour is remembered as it was seen, and of Redis a week', () => {
  const memory = new Memory();
  const STEP = 60_000;
  for (let clock = 0; clock <= 8 * 24 * HOUR_MS; clock += STEP)
    memory.add(liveOf(undefined, look(clock, [server(1, 1)], facts(1))));
  const points = memory.points();
  expect(points.filter(({ connections }) => connections !== null)).toHaveLength(60);
  const [oldest] = points;
  expect(oldest).toMatchObject({ redisMemoryBytes: 5, connections: null });
  expect(points.at(-1)!.at - oldest!.at).toBeGreaterThan(7 * 24 * HOUR_MS - 2 * LINE_MS);
  expect(points.length).toBeLessThan(7 * 24 * 12 + 61);
  expect(pointOf(liveOf(undefined, look(0, [])))).toEqual({ ...nothing(monday) });
});

test('[OPS-5] however often somebody asks, files are read once in a while', async () => {
  let asked = 0;
  const ask = kept(20, () => Promise.resolve(++asked));
  expect(await Promise.all(Array.from({ length: 100 }, ask))).toEqual(Array.from({ length: 100 }, () => 1));
  await new Promise((later) => setTimeout(later, 40));
  expect(await ask()).toBe(2);
  const failing = kept(20, () => Promise.reject(new Error(`${++asked}`)));
  await expect(failing()).rejects.toThrow('3');
  await expect(failing()).rejects.toThrow('3');
});

test('[CLUSTER-10] what several Redis say is added up; one that is another than before makes all of them so', () => {
  const all = (ids: string[]) =>
    together(ids.map((id, i) => ({ ...facts(i + 1, id), client_recent_max_output_buffer: `${10 * i}` })));
  const [first, second] = [all(['x', 'y', 'z']), all(['z', 'x', 'y'])];
  expect(first).toMatchObject({
    used_memory: '15',
    used_cpu_user: '6',
    client_recent_max_output_buffer: '20',
  });
  const between = (now: Look['redis']) => liveOf(look(0, [], first), look(2_000, [], now)).redis;
  expect(between(second)).toHaveProperty('cpu', 0);
  expect(between(all(['x', 'y', 'other']))).not.toHaveProperty('cpu');
  expect(together([facts(1)])).toEqual(facts(1));
  expect(together([])).toBeUndefined();
});
