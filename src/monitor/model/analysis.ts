import { costOf, MIN_HOURS, type Cost } from './cost';
import { correlationOf } from './least-squares';
import { needOf, TARGET, type CpuOf, type Need } from './need';
import { loads, usableLoads, type Load, type Observation } from './observation';

/**
 * `explained`, `partly`: the load explains the CPU, all but all of it or half. `unexplained`: it does not, something
 * else costs the CPU. `idle`: there was next to no CPU to explain. `thin`: too few hours, or the load hardly changed.
 */
export type Verdict = 'explained' | 'partly' | 'unexplained' | 'idle' | 'thin';

/** What the hours say together. Fields are only ever added. */
export interface Analysis {
  verdict: Verdict;
  /** Why it is thin. */
  thin: 'few hours' | 'steady load' | 'always full' | null;
  /** Hours behind the figures: known for three quarters or more, in counts and in CPU. */
  hours: number;
  /** Of CPU with each load, over these hours; null: not known, or one of them did not change. */
  correlation: Record<Load, number | null>;
  /** Loads that rise and fall together: what each costs alone cannot be told. */
  together: Load[];
  /** Only when the load explains it. */
  cost: Cost | null;
  need: Need | null;
  /** The machine that the servers run on; null: not known. */
  machine: Machine | null;
  /** CPU of the busiest server by that of an average one, at the busiest hours; null: not known. */
  skew: number | null;
}

export interface Machine {
  cores: number;
  /** Servers that are planned now; 0: there is no fleet yet. */
  servers: number;
  /** Servers stopped short of a core each: the machine was at its end, not they. */
  full: boolean;
  /** Whether it has the cores that the peak needs: more servers than cores do not help. */
  enough: boolean;
  /** Cores that the peak needs at 60 %, as those of this machine were used. */
  coresNeeded: number;
  /** Servers to plan, at least two. */
  advice: number;
}

export interface Circumstances {
  of: CpuOf;
  /** Percent that no server can pass: 100, or of a host that for each core. */
  limit: number;
  cores: number | null;
  servers: number;
}

const EXPLAINED = 0.8;
const PARTLY = 0.5;
/** Below this share of the most, a load that changes is a steady one. */
const CHANGES = 0.2;
const IDLE_CPU = 10;
const TOGETHER = 0.98;

/** Pure: the verdict over hours that are known well enough. */
export function analyse(observations: Observation[], circumstances: Circumstances): Analysis {
  const used = usableLoads(observations);
  const cpu = observations.map((each) => each.cpu);
  const rate = (load: Load): number[] => observations.map(({ rates }) => rates[load] ?? 0);
  const thin = thinness(observations, used);
  const cost = thin === null ? costOf(observations, used, circumstances.limit) : undefined;
  const verdict = verdictOf(cost, observations);
  const explains = verdict === 'explained' || verdict === 'partly';
  const need = (explains && cost && needOf(cost, observations, circumstances.of)) || null;
  return {
    verdict,
    thin: verdict === 'thin' ? (thin ?? 'always full') : null,
    hours: observations.length,
    correlation: Object.fromEntries(
      loads.map((load) => [load, used.includes(load) ? correlationOf(rate(load), cpu) : null]),
    ) as Analysis['correlation'],
    together: used.filter((a) =>
      used.some((b) => a !== b && (correlationOf(rate(a), rate(b)) ?? 0) > TOGETHER),
    ),
    cost: (explains && cost) || null,
    need,
    machine: machineOf(explains ? cost : undefined, need, observations, circumstances),
    skew: skewOf(observations),
  };
}

function thinness(observations: Observation[], used: Load[]): 'few hours' | 'steady load' | null {
  if (observations.length < MIN_HOURS) return 'few hours';
  const changes = used.some((load) => {
    const values = observations.map(({ rates }) => rates[load]!);
    return Math.max(...values) - Math.min(...values) >= CHANGES * Math.max(...values);
  });
  return changes ? null : 'steady load';
}

function verdictOf(cost: Cost | undefined, observations: Observation[]): Verdict {
  if (cost && cost.explained >= EXPLAINED) return 'explained';
  if (cost && cost.explained >= PARTLY) return 'partly';
  if (observations.length > 0 && observations.every(({ busiest }) => busiest < IDLE_CPU)) return 'idle';
  return cost ? 'unexplained' : 'thin';
}

function machineOf(
  cost: Cost | undefined,
  need: Need | null,
  observations: Observation[],
  { cores, servers, of }: Circumstances,
): Machine | null {
  if (cores === null) return null;
  const atEnd = observations.filter(({ hour }) => cost?.saturated.includes(hour));
  const running = atEnd.reduce((sum, each) => sum + each.servers, 0) / atEnd.length;
  const full = of === 'server' && (cost?.knee ?? null) !== null && running >= cores;
  const capacity = full ? (cost?.knee ?? 0) * running : 100 * cores;
  const coresNeeded = need ? Math.ceil((cores * need.peakPercent) / (TARGET * capacity) - 1e-9) : 0;
  const enough = !full && (need?.servers ?? 0) <= cores;
  const wanted = need?.withOneLost ?? servers;
  return { cores, servers, full, enough, coresNeeded, advice: Math.max(2, enough ? wanted : cores) };
}

/** Over the busiest quarter of the hours. */
function skewOf(observations: Observation[]): number | null {
  const busy = [...observations].sort((a, b) => b.cpu - a.cpu).slice(0, Math.ceil(observations.length / 4));
  const sum = (of: (each: Observation) => number): number =>
    busy.reduce((total, each) => total + of(each), 0);
  const average = sum(({ cpu }) => cpu);
  return average === 0 ? null : sum(({ busiest }) => busiest) / average;
}
