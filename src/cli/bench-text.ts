import type { Load, LoadResult } from '../load/raw/run';
import type { Latency } from '../load/raw/tally';
import { rounded } from './table';

export interface BenchResult {
  url: string;
  /** Whether the server's rooms are known: otherwise everybody is where it puts him. */
  rooms: boolean;
  load: Load;
  result: LoadResult;
  asserts: { text: string; value: number; ok: boolean }[];
}

/** Above this share of a core, or this delay of its sends (p99), it is the generator that is measured. */
const LIMIT = { cpu: 0.9, lateMs: 20 };

/** Pure: what `fleet bench` prints. */
export function benchText({ url, rooms, load, result, asserts }: BenchResult): string {
  const { users, rate, forMs } = load;
  const where = rooms
    ? `${load.rooms} ${load.rooms === 1 ? 'room' : 'rooms'}`
    : 'wherever the server puts them';
  const { sent, acknowledged, refused, unanswered, delivered, seconds } = result;
  return [
    `load        ${users} users in ${where}, ${rate} messages/s for ${rounded(forMs / 1_000)} s, at ${url}`,
    `sent        ${sent}, acknowledged ${acknowledged}, refused ${refused}, without an answer ${unanswered}`,
    `delivered   ${delivered}, ${rounded(result.deliveriesInTime / seconds)} a second`,
    `ack         ${latencyText(result.ack)}`,
    `delivery    ${latencyText(result.delivery)}`,
    `astray      ${astrayText(result)}`,
    ...result.problems.map((problem) => `            ${problem}`),
    `generator   ${generatorText(result.generator)}`,
    ...asserts.map(({ text, value, ok }) => `${ok ? 'holds' : 'FAILS'}       ${text} (${rounded(value)})`),
  ].join('\n');
}

function latencyText({ p50, p99, p999, max, samples }: Latency): string {
  if (samples === 0) return 'none';
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  return `p50 ${ms(p50)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}, max ${ms(max)}`;
}

function astrayText({ missing, gaps, backwards, seqBreaks, ended }: LoadResult): string {
  const all = {
    missing,
    gaps,
    'repeated or late': backwards,
    'breaks of the order': seqBreaks,
    disconnected: ended,
  };
  const found = Object.entries(all).filter(([, count]) => count !== 0);
  return found.length === 0 ? 'nothing' : found.map(([name, count]) => `${name} ${count}`).join(', ');
}

function generatorText({ cpu, late }: LoadResult['generator']): string {
  const limited = cpu > LIMIT.cpu || late > LIMIT.lateMs;
  const was = `${rounded(cpu * 100)} % of a core, ${late.toFixed(1)} ms late (p99)`;
  return limited ? `${was}: IT WAS THE LIMIT, so the figures say little about the server` : was;
}
