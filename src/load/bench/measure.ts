import type { Dialect } from '../raw/client';
import { ours, peer, peerToNobody } from '../raw/dialects';
import { runLoad, type Load, type LoadResult } from '../raw/run';
import type { Latency } from '../raw/tally';
import { used } from './cpu';
import type { Running, SideName } from './sides';

/**
 * Figures of a run. `...Us`: microseconds of CPU for each delivered message; `...Cpu`: share of a core; times in ms; the
 * others a second.
 */
export interface Figures {
  serversUs: number;
  redisUs: number;
  nginxUs: number;
  /** Servers, Redis and nginx together. */
  fleetUs: number;
  serversCpu: number;
  p50: number;
  p99: number;
  ackP50: number;
  ackP99: number;
  deliveries: number;
  acks: number;
  /** Share of what was sent that was refused, 0 to 1. */
  refused: number;
  /** CPU of the servers for each user who connects and joins. */
  connectUs: number;
  /** Memory of the servers for each user who is connected and in a room, KiB. */
  idleKb: number;
  /** Memory of the servers when the time that counts is over, MiB. */
  endMb: number;
  /** CPU of the generator for each delivered message. */
  generatorUs: number;
}

export type Metric = keyof Figures;

/** Figures that a late generator spoils. */
export const latencies: Metric[] = ['p50', 'p99', 'ackP50', 'ackP99'];

export interface Measured {
  figures: Figures;
  load: LoadResult;
  /** Why it does not count; empty if it does. */
  faults: string[];
  /** A peer that could not keep up: not all was delivered in the end. What it delivered in time counts. */
  behind: boolean;
}

type Part = keyof Running['programs'];
const parts: Part[] = ['servers', 'redis', 'nginx'];

/** Plays a load on a side that runs, and reads what it cost the programs while it counted. */
export async function measure(
  side: SideName,
  { targets, programs }: Running,
  load: Load,
  progress: (line: string) => void,
): Promise<Measured> {
  const of = (part: Part) => used(programs[part].map(({ pid }) => pid));
  const all = (): number[] => parts.map((part) => of(part).cpuMs);
  const empty = of('servers');
  // Not known of a load in which people come and go.
  let entered = { cpuMs: NaN, memoryBytes: NaN };
  let before: number[] = [];
  let after: number[] = [];
  let endBytes = NaN;
  const result = await runLoad(targets, dialectOf(side, load), load, {
    progress,
    entered: () => (entered = of('servers')),
    begins: () => (before = all()),
    over: () => {
      after = all();
      endBytes = of('servers').memoryBytes;
    },
  });
  const spent = after.map((ms, i) => ms - before[i]!) as [number, number, number];
  const figures = {
    ...figuresOf(result, spent),
    connectUs: ((entered.cpuMs - empty.cpuMs) * 1_000) / load.users,
    idleKb: (entered.memoryBytes - empty.memoryBytes) / 1_024 / load.users,
    endMb: endBytes / 1_024 / 1_024,
  };
  // It sends what was not asked for, as fast as it can: there is nothing to check.
  if (side === 'null') return { figures, load: result, faults: [], behind: false };
  const { missing, ended, unanswered } = result;
  const behind = side !== 'ours' && missing + ended + unanswered > 0;
  return { figures, load: result, faults: faultsOf(result, load, behind), behind };
}

function dialectOf(side: SideName, { rate }: Load): Dialect {
  if (side === 'ours') return ours;
  return rate === 'asAcknowledged' ? peerToNobody : peer;
}

function figuresOf(
  result: LoadResult,
  [servers, redis, nginx]: [number, number, number],
): Omit<Figures, 'connectUs' | 'idleKb' | 'endMb'> {
  const { delivery, ack, deliveriesInTime, acksInTime, seconds, sent, refused, generator } = result;
  const each = (ms: number): number => (ms * 1_000) / deliveriesInTime;
  return {
    serversUs: each(servers),
    redisUs: each(redis),
    nginxUs: each(nginx),
    fleetUs: each(servers + redis + nginx),
    serversCpu: servers / 1_000 / seconds,
    p50: timed(delivery, 'p50'),
    p99: timed(delivery, 'p99'),
    ackP50: timed(ack, 'p50'),
    ackP99: timed(ack, 'p99'),
    deliveries: deliveriesInTime / seconds,
    acks: acksInTime / seconds,
    refused: sent === 0 ? 0 : refused / sent,
    generatorUs: each(generator.cpu * seconds * 1_000),
  };
}

const timed = (latency: Latency, part: 'p50' | 'p99'): number => (latency.samples > 0 ? latency[part] : NaN);

/** Above this share of a core the generator reads so late that what servers do is changed. */
const MOST_CPU = 0.9;
/** Above this delay of its sends (p99) latency may be the generator's own. */
const MOST_LATE_MS = 20;
/** Of a latency of seconds it is a small part. */
const MOST_LATE_SHARE = 0.1;

/** Whether latency was in good part the generator's own: the run's other figures count. */
export const wasLate = ({ late }: LoadResult['generator'], p99: number | undefined): boolean =>
  late > MOST_LATE_MS && !(late <= MOST_LATE_SHARE * (p99 ?? 0));

function faultsOf(result: LoadResult, { rate, mayBeRefused }: Load, behind: boolean): string[] {
  const { missing, backwards, seqBreaks, ended, unanswered, generator } = result;
  // Who sends as fast as he is answered meets the limit: what is refused is not acknowledged, and leaves gaps.
  const mayRefuse = mayBeRefused === true || rate === 'asAcknowledged';
  const refused = mayRefuse ? 0 : result.refused;
  const gaps = mayRefuse && result.refused > 0 && missing === 0 ? 0 : result.gaps;
  const order = { gaps, backwards, seqBreaks, refused };
  const counts = behind ? order : { ...order, missing, ended, unanswered };
  const faults = Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : [`${name} ${count}`]));
  return generator.cpu > MOST_CPU ? [...faults, 'the generator was the limit'] : faults;
}
