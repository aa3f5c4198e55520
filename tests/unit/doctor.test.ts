import { doctorText } from '../../src/cli/doctor';
import { readSettings } from '../../src/config/load';
import type { RunningApp } from '../../src/fleet/pm2';
import { checks } from '../../src/monitor/doctor/checks';
import { hostBetween, networkOf, peersOf } from '../../src/monitor/doctor/proc';
import { diagnose } from '../../src/monitor/doctor/run';
import type { Check, Look, ServerLook } from '../../src/monitor/doctor/types';
import type { UsageReport } from '../../src/monitor/report';
import type { ServerStats } from '../../src/protocol/stats';
import { statsOf } from '../support/stats';
import { weekOf } from '../support/weeks';

const stats = (more: Partial<ServerStats> = {}): ServerStats =>
  statsOf({ connections: 500, loop: { utilization: 0.7, delayP99Ms: 20, delayMaxMs: 60 }, ...more });
const server = (more: Partial<ServerLook> = {}, name = 'chat-3001'): ServerLook => ({
  name,
  port: 3001,
  stats: stats(),
  rates: { calls: 100, deliveries: 5_000, cpu: 60 },
  descriptors: { open: 600, most: 20_000 },
  ...more,
});
const two = (more: Partial<ServerLook> = {}) => [server(more), server({}, 'chat-3002')];
const app = (name: string): RunningApp => ({ name, pid: 1, status: 'online', cwd: '', restarts: 0, startedAt: Date.now() }); // prettier-ignore
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
  ['fan-out-saturates', { servers: two({ stats: stats({ loop: { utilization: 0.99, delayP99Ms: 400, delayMaxMs: 500 } }), rates: { calls: 10, deliveries: 900, cpu: 97 } }) }, /99 % busy, CPU 97 %, by fan-out: 900 deliveries/],
  ['fan-out-saturates', { servers: two({ stats: stats({ loop: { utilization: 0.99, delayP99Ms: 400, delayMaxMs: 500 } }), rates: { calls: 10, deliveries: 9, cpu: 97 } }) }, /at 10 calls and 9 deliveries/],
  ['loop-blocked', { servers: two({ stats: stats({ loop: { utilization: 0.3, delayP99Ms: 40, delayMaxMs: 3_000 } }) }) }, /stood still for 3\.0 s just now/],
  ['loop-blocked', { report: lately({ freezes: [{ server: 'chat-3002', from: 0, to: week.to, longestMs: 10_000, missed: 2, computing: true }] }) }, /chat-3002: it stood still for 10 s before .*, computing/],
  ['host-starved', { host: { busy: 99, stolen: 0 }, servers: two({ rates: { calls: 1, deliveries: 1, cpu: 10 } }).map((each) => ({ ...each, rates: { calls: 1, deliveries: 1, cpu: 10 } })) }, /the machine is 99 % busy/],
  ['host-starved', { host: { busy: 50, stolen: 30 } }, /30 % of the CPU is taken by other machines/],
  ['reconnect-storm', { report: lately(lastHour({ connects: 20_000 })) }, /20000 connects an hour for 1000 people/],
  ['typing-storm', { report: lately(lastHour({ calls: 10_000, events: { typing: 8_000 } })) }, /typing is 80 % of all calls/],
  ['skew', { servers: two({ stats: stats({ connections: 2_500 }) }), nginx: { ...nginx, peers: ['203.0.113.5', '203.0.113.77', '10.1.1.1'] } }, /chat-3001 has 2500 of 3000 connections, 1\.7 times its share; 2 of 3 connections of nginx come from 203\.0\.113\.0\/24/],
  ['redis-fast', { redis: { facts, slowestMs: 400 } }, /400 ms/],
  ['redis-fast', { redis: { facts: { ...facts, client_recent_max_output_buffer: `${20 * 2 ** 20}` }, slowestMs: 1 } }, /20 MB wait for one reader/],
  ['redis-room', { redis: { facts: { ...facts, used_memory: '800' }, slowestMs: 1 } }, /80 % of its memory/],
  ['redis-keeps', { redis: { facts: { ...facts, aof_enabled: '0', aof_last_write_status: 'err' }, slowestMs: 1 } }, /appendonly is no.*; its last write to the disk: err/],
  ['outbox-empty', { servers: two({ stats: stats({ queued: 7 }) }) }, /7 messages wait on the disk of chat-3001/],
  ['outbox-empty', { outbox: ['set-aside.jsonl'] }, /set aside/],
  ['descriptors', { servers: two({ descriptors: { open: 19_000, most: 20_000 } }) }, /19000 of 20000 file descriptors/],
  ['descriptors', { nginx: { ...nginx, connections: 1_100 } }, /nginx has 91 % of the connections/],
  ['record', { apps: apps.map((each) => ({ ...each, startedAt: 0 })) }, /no line for two intervals/],
])('[DOCTOR-2] %s finds its cause and nothing else', async (name, more, what) => {
  expect(await found(more)).toEqual([[name, expect.stringMatching(what)]]);
}); // prettier-ignore

test('[DOCTOR-3] a check that crashes or never ends has failed, and costs the others nothing', async () => {
  const all: Check[] = [
    { name: 'a', title: 'A', run: () => Promise.reject(new Error('broken')) },
    { name: 'b', title: 'B', run: () => { throw new Error('at once'); } },
    { name: 'c', title: 'C', run: () => new Promise(() => undefined) },
    { name: 'd', title: 'D', run: () => Promise.resolve([]) },
    { name: 'e', title: 'E', run: () => Promise.resolve([{ what: 'this', advice: 'that' }]) },
  ]; // prettier-ignore
  const result = await diagnose(look(), all, 50);
  expect(result.healthy).toBe(false);
  expect(result.checks.map(({ state, problem }) => problem ?? state)).toEqual([
    'broken', 'at once', 'no result within 0.05 s', 'ok', 'found',
  ]); // prettier-ignore
  expect(doctorText(result)).toContain(
    '!!  E\n      this\n      Do: that\n\n1 ok, 1 found something, 3 failed.',
  );
  expect((await diagnose(look(), [all[3]!])).healthy).toBe(true);
});

test('[DOCTOR-2] who is connected, and what the machine does, is read from the tables of the kernel', () => {
  const row = (local: string, remote: string, state: string) => `   0: ${local} ${remote} ${state} 00000000:00000000 00:0`; // prettier-ignore
  const table = ['  sl  local_address rem_address st', row('0100007F:1F90', '057100CB:D431', '01'), row('0100007F:1F90', '00000000:0000', '0A'), row('0100007F:0BB9', '0100007F:D431', '01'), row('0000000000000000FFFF00000100007F:1F90', '0000000000000000FFFF0000057100CB:D431', '01')].join('\n'); // prettier-ignore
  expect(peersOf(table, 8_080)).toEqual(['203.0.113.5', '203.0.113.5']);
  expect(networkOf('203.0.113.5')).toBe('203.0.113.0/24');
  expect(hostBetween('cpu  100 0 100 800 0 0 0 0', 'cpu  150 0 120 810 10 0 0 10')).toEqual({ busy: 70, stolen: 10 });
}); // prettier-ignore
