import { clientEvents, type ClientEvent } from '../../protocol/schemas';

/** The names under which calls are counted: a closed list, whatever clients emit. */
export type CallName = ClientEvent | 'unknown';

/** Counted since the server started. */
export interface Counters {
  calls: Record<CallName, number>;
  /** A delivery is one entry on its way to one connection. */
  deliveries: number;
  /** Connections that were welcomed. */
  connects: number;
  /** What was refused as `overloaded`: calls, and handshakes. */
  refused: number;
}

export function newCounters(): Counters {
  const names = [...Object.keys(clientEvents), 'unknown'] as CallName[];
  const calls = Object.fromEntries(names.map((name) => [name, 0])) as Counters['calls'];
  return { calls, deliveries: 0, connects: 0, refused: 0 };
}

export function allCalls({ calls }: Counters): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

/** The totals under the names of the usage record: `calls.<event>`, `deliveries`, `connects`, `refused`. */
export function usageOf({ calls, deliveries, connects, refused }: Counters): Record<string, number> {
  const named = Object.entries(calls).map(([name, count]) => [`calls.${name}`, count] as const);
  return { ...Object.fromEntries(named), deliveries, connects, refused };
}
