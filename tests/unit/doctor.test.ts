import { doctorText } from '../../src/cli/doctor';
import { readSettings } from '../../src/config/load';
import type { RunningApp } from '../../src/fleet/pm2';
import { isStatsOf } from '../../src/fleet/stats';
import { checks } from '../../src/monitor/doctor/checks';
import { hostBetween, networkOf, peersOf } from '../../src/monitor/doctor/proc';
import { diagnose } from '../../src/monitor/doctor/run';
import type { Check, Look, ServerLook } from '../../src/monitor/doctor/types';
import type { UsageReport } from '../../src/monitor/report';
import type { LoopVitals, ServerStats } from '../../src/protocol/stats';
import { doctorEn } from '../../src/monitor/words/doctor-en';
import { doctorKo } from '../../src/monitor/words/doctor-ko';
import { statsOf } from '../support/stats';
import { weekOf } from '../support/weeks';

const stats = (more: Partial<ServerStats> = {}): ServerStats =>
  statsOf({ pid: 1, connections: 500, ...more });
const loop = (more: Partial<LoopVitals>): ServerStats => stats({ loop: { ...stats().loop, ...more } });
const rates = (calls: number, deliveries: number, cpu: number, refused = 0) => ({
  calls,
  deliveries,
  refused,
  cpu,
});
const server = (more: Partial<ServerLook> = {}, name = 'chat-3001'): ServerLook => ({
  name,
  port: 3001,
  before: stats(),
  stats: stats(),
  rates: rates(100, 5_000, 60),
  descriptors: { open: 600, most: 20_000 },
  ...more,
});
const two = (more: Partial<ServerLook> = {}) => [server(more), server({}, 'chat-3002')];
const app = (name: string): RunningApp => ({ name, pid: 1, status: 'online', script: '', cwd: '', restarts: 0, startedAt: Date.now() }); // prettier-ignore
const apps = ['chat-redis', 'chat-nginx', 'chat-monitor', 'chat-3001', 'chat-3002'].map(app);
const nginx = { installed: 'x', wanted: 'x', peers: Array.from({ length: 1_000 }, (_, i) => `10.0.${i % 250}.1`), connections: 10_000, workers: 2 }; // prettier-ignore
const facts = { redis_version: '7.0.15', maxmemory_policy: 'noeviction', aof_enabled: '1', role: 'master', used_memory: '500', maxmemory: '1000', aof_last_write_status: 'ok' }; // prettier-ignore
const redis = { facts, slowestMs: 1 };
const week = weekOf();
const lastHour = (more: object) => ({ hours: [{ ...week.hours.at(-1)!, connects: 900, ...more }] });
const lately = (more: Partial<UsageReport> = {}): UsageReport => ({ ...week, ...lastHour({}), ...more });

/** A fleet that is busy, and well. */
function look(more: { [K in keyof Look]?: Awaited<ReturnType<Extract<Look[K], () => unknown>>> } = {}): Look {
  const seen = { servers: two(), apps, host: { busy: 90, stolen: 0 }, redis, nginx, outbox: [], report: lately(), ...more }; // prettier-ignore
  const asked = Object.entries(seen).map(([key, value]) => [key, () => Promise.resolve(value)]);
  return { plan: { servers: 2, basePort: 3001 }, settings: readSettings().settings, ...Object.fromEntries(asked) } as Look; // prettier-ignore
}
const found = async (more: Parameters<typeof look>[0]) => {
  const { checks: results } = await diagnose(look(more));
  return results.filter(({ state }) => state !== 'ok').map(({ name, findings }) => [name, findings.map(({ what }) => what).join('; ')]); // prettier-ignore
};

test('[DOCTOR-1] a busy fleet that is well has no finding', async () => {
  expect(await found({})).toEqual([]);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

test.each<[string, Parameters<typeof look>[0], RegExp]>([
  ['servers-answer', { servers: [{ name: 'chat-3001', port: 3001 }, server({}, 'chat-3002')] }, /^chat-3001 does not answer$/],
  ['servers-answer', { servers: two({ stats: stats({ state: 'degraded' }) }) }, /says that it is degraded/],
  ['plan-holds', { apps: apps.slice(0, 4) }, /chat-3002 is planned, but PM2 does not run it/],
  ['plan-holds', { apps: [...apps, app('chat-3003')] }, /chat-3003 runs, but is not planned/],
  ['plan-holds', { nginx: { ...nginx, installed: 'y' } }, /nginx runs with another configuration/],
  ['fan-out-saturates', { servers: two({ stats: loop({ utilization: 0.99, delayP99Ms: 400, delayMaxMs: 500 }), rates: rates(10, 900, 97) }) }, /99 % busy, CPU 97 %, by fan-out: 900 deliveries/],
  ['fan-out-saturates', { servers: two({ stats: loop({ utilization: 0.99, delayP99Ms: 400, delayMaxMs: 500 }), rates: rates(10, 9, 97) }) }, /at 10 calls and 9 deliveries/],
  ['loop-blocked', { servers: two({ stats: loop({ utilization: 0.3, delayP99Ms: 40, delayMaxMs: 3_000 }) }) }, /stood still for 3\.0 s just now/],
  ['loop-blocked', { report: lately({ freezes: [{ server: 'chat-3002', from: 0, to: week.to, longestMs: 10_000, missed: 2, computing: true }] }) }, /chat-3002: it stood still for 10 s before .*, computing/],
  ['host-starved', { host: { busy: 99, stolen: 0 }, servers: two().map((each) => ({ ...each, rates: rates(1, 1, 10) })) }, /the machine is 99 % busy/],
  ['host-starved', { host: { busy: 50, stolen: 30 } }, /30 % of the CPU is taken by other machines/],
  ['reconnect-storm', { report: lately(lastHour({ connects: 40_000 })) }, /people connected 39,000 times an hour, and 1,000 are there/],
  ['typing-storm', { report: lately(lastHour({ calls: 10_000, events: { typing: 8_000 } })) }, /typing is 80 % of all calls: 8,000 in the hour from \d{4}-\d\d-\d\d \d\d:00$/],
  ['skew', { servers: two({ stats: stats({ connections: 2_500 }) }), nginx: { ...nginx, peers: ['203.0.113.5', '203.0.113.77', '10.1.1.1'] } }, /chat-3001 has 2,500 of 3,000 connections, 1\.7 times its share; 2 of 3 connections of nginx come from 203\.0\.113\.0\/24/],
  ['redis-fast', { redis: { facts, slowestMs: 400 } }, /400 ms/],
  ['redis-fast', { redis: { facts: { ...facts, client_recent_max_output_buffer: `${20 * 2 ** 20}` }, slowestMs: 1 } }, /20 MB wait for one reader/],
  ['redis-room', { redis: { facts: { ...facts, used_memory: '800' }, slowestMs: 1 } }, /80 % of its memory/],
  ['redis-keeps', { redis: { facts: { ...facts, aof_enabled: '0', aof_last_write_status: 'err' }, slowestMs: 1 } }, /appendonly is no.*; its last write to the disk: err/],
  ['outbox-empty', { servers: two({ stats: stats({ queued: 7 }) }) }, /7 messages wait on the disk of chat-3001/],
  ['outbox-empty', { outbox: ['set-aside.jsonl'] }, /set aside/],
  ['descriptors', { servers: two({ descriptors: { open: 19_000, most: 20_000 } }) }, /19,000 of 20,000 file descriptors/],
  ['descriptors', { nginx: { ...nginx, connections: 1_100 } }, /nginx has 91 % of the connections/],
  ['plan-holds', { servers: two({ stats: stats({ pid: 7 }) }) }, /chat-3001: process 7 answers on its port, but PM2 runs 1$/],
  ['overload', { servers: two({ stats: stats({ state: 'overloaded' }) }) }, /chat-3001 is overloaded: it refuses/],
  ['overload', { servers: two({ rates: rates(100, 5_000, 60, 7.5) }) }, /can carry \(7\.5 a second\)/],
  ['overload', { servers: two({ stats: stats({ sheds: ['typing', 'presence'] }) }) }, /gives up: who is typing, who is there/],
  ['garbage-collection', { servers: two({ stats: loop({ gcShare: 0.4 }) }) }, /chat-3001: 40 % of its time goes into garbage collection/],
  ['garbage-collection', { servers: two({ stats: stats({ heapShare: 0.9 }) }) }, /chat-3001: 90 % of the memory that Node may use/],
  ['polling-share', { servers: two({ before: stats({ polling: 400 }), stats: stats({ polling: 400 }) }) }, /400 of 1,000 people are on polling \(40 %\)/],
  ['deaf', { servers: two({ before: stats({ deaf: true }), stats: stats({ deaf: true, state: 'degraded' }) }) }, /chat-3001 is deaf/],
  ['record', { apps: apps.map((each) => ({ ...each, startedAt: 0 })) }, /no line for two intervals/],
])('[DOCTOR-2] %s finds its cause and nothing else', async (name, more, what) => {
  expect(await found(more)).toEqual([[name, expect.stringMatching(what)]]);
}); // prettier-ignore

test('[DOCTOR-1] what passes by itself is no finding: people who arrive, upgrades under way, a moment without Redis', async () => {
  expect(await found({ report: lately(lastHour({ connects: 1_000 })) })).toEqual([]);
  // Visits of five minutes, and a few newcomers just after the full hour.
  expect(await found({ report: lately(lastHour({ connects: 12_000 })) })).toEqual([]);
  const first = { hour: week.to - 60_000 };
  expect(await found({ report: lately(lastHour({ ...first, connects: 200 })), servers: [server({ stats: stats({ connections: 1 }) })] })).toEqual([]); // prettier-ignore
  expect(await found({ servers: two({ stats: stats({ polling: 500 }) }) })).toEqual([]);
  expect(await found({ servers: two({ stats: stats({ deaf: true }) }) })).toEqual([]);
  expect(await found({ servers: two({ stats: stats({ sheds: ['typing'] }) }) })).toEqual([]);
});

test('[DOCTOR-2] what to do against skew depends on how newcomers are spread', async () => {
  const skewed = look({ servers: two({ stats: stats({ connections: 2_500 }) }) });
  const advice = async (balance: 'ip_hash' | 'consistent' | 'least_conn') => {
    const { checks: results } = await diagnose({ ...skewed, settings: { ...skewed.settings, balance } });
    return results.find(({ name }) => name === 'skew')!.findings[0]!.advice;
  };
  expect(await advice('ip_hash')).toMatch(/^npx fleet rebalance .*a network goes to one server/);
  expect(await advice('consistent')).toMatch(/^npx fleet rebalance .*an address goes to one server/);
  expect(await advice('least_conn')).toMatch(/^npx fleet rebalance .*the emptiest one/);
});

test('[DOCTOR-2] a server of an older build that says less of itself, as during a deploy, fails no check', async () => {
  const { polling, callsByEvent, connects, sheds, deaf, refusedByCode, heapShare, ...old } = stats();
  const { gcShare, ...loopOfOld } = old.loop;
  const older = { ...old, loop: loopOfOld };
  expect(isStatsOf(older.name, older)).toBe(true);
  expect(await found({ servers: two({ before: older, stats: older }) })).toEqual([]);
});

test('[DOCTOR-3] a check that crashes or never ends has failed, and costs the others nothing', async () => {
  const all: Check[] = [
    { name: 'a', title: () => 'A', run: () => Promise.reject(new Error('broken')) },
    { name: 'b', title: () => 'B', run: () => { throw new Error('at once'); } },
    { name: 'c', title: () => 'C', run: () => new Promise(() => undefined) },
    { name: 'd', title: () => 'D', run: () => Promise.resolve([]) },
    { name: 'e', title: () => 'E', run: () => Promise.resolve([{ what: 'this', advice: 'that' }]) },
  ]; // prettier-ignore
  const result = await diagnose(look(), doctorEn, all, 50);
  expect(result.healthy).toBe(false);
  expect(result.checks.map(({ state, problem }) => problem ?? state)).toEqual([
    'broken', 'at once', 'no result within 0.05 s', 'ok', 'found',
  ]); // prettier-ignore
  expect(doctorText(result)).toContain(
    '!!  E\n      this\n      Do: that\n\n1 ok, 1 found something, 3 failed.',
  );
  expect((await diagnose(look(), doctorEn, [all[3]!])).healthy).toBe(true);
});

test('[DOCTOR-2] who is connected, and what the machine does, is read from the tables of the kernel', () => {
  const row = (local: string, remote: string, state: string) => `   0: ${local} ${remote} ${state} 00000000:00000000 00:0`; // prettier-ignore
  const table = ['  sl  local_address rem_address st', row('0100007F:1F90', '057100CB:D431', '01'), row('0100007F:1F90', '00000000:0000', '0A'), row('0100007F:0BB9', '0100007F:D431', '01'), row('0000000000000000FFFF00000100007F:1F90', '0000000000000000FFFF0000057100CB:D431', '01')].join('\n'); // prettier-ignore
  expect(peersOf(table, 8_080)).toEqual(['203.0.113.5', '203.0.113.5']);
  expect(networkOf('203.0.113.5')).toBe('203.0.113.0/24');
  expect(hostBetween('cpu  100 0 100 800 0 0 0 0', 'cpu  150 0 120 810 10 0 0 10')).toEqual({ busy: 70, stolen: 10 });
}); // prettier-ignore

test('[DOCTOR-5] Koreans read all of it in Korean: titles, findings, advice and the summary', async () => {
  const bad = { state: 'degraded', sheds: ['typing', 'presence'], queued: 7, heapShare: 0.9, polling: 400 } as const;
  const ill = stats({ ...bad, sheds: [...bad.sheds], loop: { utilization: 0.99, delayP99Ms: 400, delayMaxMs: 5_000, gcShare: 0.4 } });
  const result = await diagnose(
    look({
      servers: [...two({ before: ill, stats: ill, rates: rates(1, 900, 97, 3), descriptors: { open: 9, most: 10 } }), { name: 'chat-3003', port: 3003 }],
      apps: [],
      host: { busy: 99, stolen: 30 },
      redis: { facts: { used_memory: '9', maxmemory: '10', aof_last_write_status: 'err', role: 'slave', client_recent_max_output_buffer: '99999999' }, slowestMs: 400 },
      nginx: { ...nginx, installed: 'y', connections: 1_100 },
      outbox: ['set-aside.jsonl'],
      report: lately(lastHour({ calls: 10_000, events: { typing: 8_000 }, connects: 90_000 })),
    }),
    doctorKo,
  );
  expect(result.checks.filter(({ state }) => state === 'found').length).toBeGreaterThan(checks.length - 5);
  const said = doctorText(result, doctorKo);
  for (const { title, findings } of result.checks) {
    expect(title).toMatch(/[가-힣]/);
    for (const { what } of findings) expect(what).toMatch(/[가-힣]/);
  }
  expect(said).toContain('할 일: ');
  // What is to be typed, and headings of the manual, are English.
  expect(said.replace(/"[^"]*"|npx fleet/g, '')).not.toMatch(/[a-z]{3,} [a-z]{3,} [a-z]{3,}/);
  expect(Object.keys(doctorKo)).toEqual(Object.keys(doctorEn));
}); // prettier-ignore
