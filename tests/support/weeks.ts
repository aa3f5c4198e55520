import type { RecordLine } from '../../src/monitor/line';
import { reportOf, type Evidence, type UsageReport } from '../../src/monitor/report';
import { HOUR_MS } from '../../src/usage/hours';
import type { HourUsage } from '../../src/usage/reader';

/** What made the CPU of a week: the cause that the report has to find. */
export interface Cause {
  servers: number;
  /** Percent of one core of each server without load. */
  atRest: number;
  /** Microseconds each. */
  micros: { deliveries: number; calls: number; connects: number };
  /** Percent at which CPU of a server ends. */
  cap: number;
  /** Calls in the busiest hour. */
  peakCalls: number;
  /** Percent points by which each line is off, at most. */
  noise: number;
  /** Changes a line, or leaves it out. */
  line: (line: RecordLine, load: number) => RecordLine | undefined;
  seed: number;
}

/** Monday, 00:00 UTC. */
export const monday = Date.UTC(2026, 10, 16);
const WEEK = 7 * 24;
const LINE_MS = 300_000;

const usual: Cause = {
  servers: 1,
  atRest: 3,
  micros: { deliveries: 40, calls: 250, connects: 5_000 },
  cap: 100,
  peakCalls: 1_000_000,
  noise: 1,
  line: (line) => line,
  seed: 1,
};

/** The report on such a week. */
export function weekOf(more: Partial<Cause> = {}, evidence: Partial<Evidence> = {}): UsageReport {
  const { usage, lines } = knownOfWeek(more, monday);
  const to = monday + WEEK * HOUR_MS;
  const planned = Array.from({ length: more.servers ?? usual.servers }, (_, i) => `chat-${3001 + i}`);
  return reportOf({
    from: monday,
    to,
    usage,
    lines,
    planned,
    intervalMs: LINE_MS,
    due: to,
    cores: 4,
    ...evidence,
  });
}

/**
 * What is counted and recorded in the week from this hour on: busy at 10, 14 and 15 to 18 o'clock, quiet at night, next to
 * nothing at the weekend.
 */
export function knownOfWeek(more: Partial<Cause>, from: number): { usage: HourUsage[]; lines: RecordLine[] } {
  const cause = { ...usual, ...more };
  const random = randomOf(cause.seed);
  const usage: HourUsage[] = [];
  const lines: RecordLine[] = [];
  for (let i = 0; i < WEEK; i++) {
    const hour = from + i * HOUR_MS;
    const load = shareAt(((((hour - monday) / HOUR_MS) % WEEK) + WEEK) % WEEK) * (0.8 + 0.4 * random());
    // How many hear a message changes over the day: otherwise calls and deliveries could not be told apart.
    const fanOut = 20 + 15 * Math.sin(i / 5) + 10 * random();
    const calls = Math.round(cause.peakCalls * load);
    const counts = { calls, deliveries: Math.round(calls * fanOut), connects: Math.round(36_000 * random()) };
    const { deliveries, connects } = counts;
    usage.push({ hour, totals: { 'calls.sendMessage': calls, deliveries, connects } });
    const asked = percentOf(cause, counts);
    for (let at = hour + LINE_MS; at <= hour + HOUR_MS; at += LINE_MS)
      for (let server = 0; server < cause.servers; server++) {
        const cpu = Math.min(cause.cap, Math.max(0, asked + cause.noise * (2 * random() - 1)));
        const line = cause.line(quietLine(at, `chat-${3001 + server}`, cpu), load);
        if (line) lines.push(line);
      }
  }
  return { usage, lines };
}

/** Percent of one core of each server. */
function percentOf({ atRest, micros, servers }: Cause, counts: Cause['micros']): number {
  const { deliveries, calls, connects } = counts;
  const sum = deliveries * micros.deliveries + calls * micros.calls + connects * micros.connects;
  return atRest + sum / 3_600 / 10_000 / servers;
}

function shareAt(hourOfWeek: number): number {
  const [day, hour] = [Math.floor(hourOfWeek / 24), hourOfWeek % 24];
  if (day >= 5) return 0.02;
  if (hour === 10 || hour === 14 || (hour >= 15 && hour < 18)) return 0.83;
  return hour >= 8 && hour < 20 ? 0.4 : 0.05;
}

export const quietLine = (at: number, server: string, cpu: number): RecordLine => ({
  at,
  server,
  pid: 100,
  cpuAverage: cpu,
  cpuMaximum: Math.min(100, cpu * 1.2),
  memoryMb: 100,
  connections: 100,
  loopPercent: cpu,
  loopDelayP99Ms: 12,
  loopDelayMaxMs: 20,
  missed: 0,
  seconds: 300,
  state: 'ok',
});

/** The same numbers, 0 to 1, for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
