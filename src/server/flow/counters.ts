import { codes, type Code } from '../../protocol/codes';
import { callNames, type CallName } from '../../protocol/stats';

/** Counted since the server started. */
export interface Counters {
  calls: Record<CallName, number>;
  /** A delivery is one entry on its way to one connection. */
  deliveries: number;
  /** Connections that were welcomed. */
  connects: number;
  /** Calls and handshakes that were refused, by code. */
  refused: Record<Code, number>;
}

export function newCounters(): Counters {
  return {
    calls: zeros(callNames),
    deliveries: 0,
    connects: 0,
    refused: zeros(Object.keys(codes) as Code[]),
  };
}

function zeros<K extends string>(names: K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
}

export function allCalls({ calls }: Counters): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

/** The totals under the names of the usage record: `calls.<event>`, `deliveries`, `connects`; `refused` are those as `overloaded`. */
export function usageOf({ calls, deliveries, connects, refused }: Counters): Record<string, number> {
  const named = Object.entries(calls).map(([name, count]) => [`calls.${name}`, count] as const);
  return { ...Object.fromEntries(named), deliveries, connects, refused: refused.overloaded };
}
