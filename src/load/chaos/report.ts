import type { PlannedServer } from '../../fleet/plan';
import type { Report } from '../checker';
import { kinds as violationKinds } from '../findings';
import { outcomeOf, type Journal } from '../journal';
import { kinds } from './kinds';
import type { Fault } from './schedule';

/** Faults that began together, and what came after. Times in ms, `atMs` from the start of the traffic. */
export interface Happened {
  atMs: number;
  faults: Fault[];
  /** From the end of the last of them until all members of all rooms were complete. */
  tookMs: number;
  /** Who was not in time; empty if all were. */
  missing: string[];
}

export interface Result {
  seed: number;
  faults: number;
  /** Times that two faults were done at once. */
  pairs: number;
  happened: Happened[];
  longestRecoveryMs: number;
  /** Times that not everything was whole again in time. */
  stuck: number;
  reconnects: number;
  /** How far the generator itself lagged behind (p99, ms): large, and it was the limit. */
  generatorDelayMs: number;
  /** Messages refused for good, by the code of the last answer. */
  refusals: Record<string, number>;
  checked: Report;
}

export function resultOf(
  checked: Report,
  happened: Happened[],
  journals: Journal[],
  generatorDelayMs: number,
): Result {
  const hellos = journals.map(({ events }) => events.filter(({ type }) => type === 'hello').length);
  return {
    seed: checked.seed,
    faults: happened.reduce((sum, { faults }) => sum + faults.length, 0),
    pairs: happened.filter(({ faults }) => faults.length > 1).length,
    happened,
    longestRecoveryMs: Math.max(0, ...happened.map(({ tookMs }) => tookMs)),
    stuck: happened.filter(({ missing }) => missing.length > 0).length,
    reconnects: hellos.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
    generatorDelayMs,
    refusals: refusalsIn(journals),
    checked,
  };
}

function refusalsIn(journals: Journal[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const send of journals.flatMap(({ sends }) => sends)) {
    if (outcomeOf(send) !== 'refused') continue;
    const answer = send.attempts.at(-1)?.answer;
    const code = !answer ? 'never sent' : answer.ok ? answer.status : answer.error.code;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

/** Whether every promise was kept. All messages have ids and were tried until the end: an unknown outcome is no answer at all. */
export const passed = ({ checked, stuck, faults }: Result): boolean =>
  checked.violations + checked.unknown + stuck === 0 && faults > 0 && checked.committed + checked.queued > 0;

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Faults that begin together, in one line. */
export function inWords(faults: Fault[], servers: PlannedServer[]): string {
  return faults.map((fault) => wordsOf(fault, servers)).join(' + ');
}

/** What came after them. */
export function recoveryInWords({ tookMs, missing }: Happened): string {
  if (missing.length === 0) return `all whole ${seconds(tookMs)} after the end of that`;
  return `NOT whole ${seconds(tookMs)} after the end of that: ${missing.join('; ')}`;
}

function wordsOf({ kind, server, forMs }: Fault, servers: PlannedServer[]): string {
  const words = kinds[kind].words.replace('<server>', servers[server ?? 0]!.name);
  if (forMs === 0) return words;
  return kind === 'redis-older' ? `${words}, of ${seconds(forMs)} ago` : `${words} for ${seconds(forMs)}`;
}

/** The table at the end, for people. */
export function inTable(result: Result): string {
  const { checked } = result;
  const rows: [string, string | number][] = [
    ['seed', result.seed],
    ['clients', checked.clients],
    ['faults survived', `${result.faults} (${result.pairs} times two at once)`],
    ['messages sent', checked.sends],
    ['  committed', checked.committed],
    ['  queued', checked.queued],
    ['  unknown', checked.unknown],
    ['  refused', [checked.refused, ...Object.entries(result.refusals).flat()].join(' ')],
    ['deliveries', checked.shown],
    ['reconnects', result.reconnects],
    ['longest recovery', seconds(result.longestRecoveryMs)],
    ['not whole in time', result.stuck],
    ['generator delay p99', `${result.generatorDelayMs.toFixed(0)} ms`],
    ...violationKinds.map((kind): [string, number] => [`violations: ${kind}`, checked[kind]]),
    ['violations', checked.violations],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    ...checked.examples.map((example) => `  ${example}`),
    passed(result) ? 'PASSED' : 'FAILED',
  ].join('\n');
}
