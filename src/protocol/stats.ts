import type { Code } from './codes';
import { clientEvents, type ClientEvent } from './schemas';

/** The names under which calls are counted: a closed list, whatever clients emit. */
export type CallName = ClientEvent | 'unknown';
export const callNames = [...Object.keys(clientEvents), 'unknown'] as CallName[];

/** `degraded`: Redis is away, the server still serves. `bad`: send nobody here. */
export type Health = 'ok' | 'degraded' | 'bad';

/** `overloaded`: it refuses newcomers, and sends beyond what it can carry. Not a health: it serves who is there. */
export type ServerState = Health | 'overloaded' | 'draining';

/** How the event loop fared in the last six windows of a second: longer than anybody waits between two looks. */
export interface LoopVitals {
  /** Busy share of the event loop, 0 to 1; the average. */
  utilization: number;
  /** The highest of the windows. */
  delayP99Ms: number;
  delayMaxMs: number;
  /** Share of the time in which nothing ran but the garbage collector, 0 to 1; the average. */
  gcShare?: number;
}

/**
 * What a server says of itself at `/stats`, on its own port. Totals count from its start. What is optional came later: a
 * server of an older build, as there are during a deploy, does not say it.
 */
export interface ServerStats {
  name: string;
  pid: number;
  state: ServerState;
  connections: number;
  /** Connections that are on polling at the moment. */
  polling?: number;
  rooms: number;
  /** Messages in its outbox. */
  queued: number;
  /** Events that clients emitted, of whatever name. */
  calls: number;
  callsByEvent?: Record<CallName, number>;
  /** Connections that were welcomed. */
  connects?: number;
  /** Entries on their way to one connection each. */
  deliveries: number;
  /** Calls and handshakes that were refused as `overloaded`. */
  refused: number;
  /** What it gives up at the moment to have time for messages. Newcomers and sends follow: then it is `overloaded`. */
  sheds?: ('typing' | 'presence')[];
  /** Redis takes what it writes, but what is published there does not reach it. */
  deaf?: boolean;
  /** Calls and handshakes that were refused, by the code that was answered. */
  refusedByCode?: Record<Code, number>;
  cpuMicros: number;
  memoryBytes: number;
  /** How much of the memory that JavaScript may have at most is in use, 0 to 1. */
  heapShare?: number;
  loop: LoopVitals;
  /** ms since 1970 */
  startedAt: number;
}
