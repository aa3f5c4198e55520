import type { LoopVitals, ServerState } from './stats';

/** What the monitor tells the operator's page. Times in ms since 1970; a figure that nobody knows is missing or null. */

/** One server as it is now. */
export interface LiveServer {
  name: string;
  port: number;
  /** `no answer`: its process is there, but silent. `down`: there is no process. */
  state: ServerState | 'no answer' | 'down';
  connections?: number;
  rooms?: number;
  /** Messages that wait on its disk for Redis. */
  queued?: number;
  /** A second. */
  calls?: number;
  deliveries?: number;
  /** Percent of one core. */
  cpu?: number;
  loop?: LoopVitals;
  memoryBytes?: number;
  startedAt?: number;
}

export interface LiveRedis {
  up: boolean;
  memoryBytes?: number;
  /** 0: none. */
  memoryLimitBytes?: number;
  clients?: number;
  /** The most that waits for one of its readers. */
  outputBufferBytes?: number;
  cpu?: number;
}

/** `GET /ops/live` */
export interface Live {
  at: number;
  /** In which times are to be shown: that of the machine. */
  zone: string;
  servers: LiveServer[];
  /** The fullest server, if people are spread as unevenly as `fleet doctor` finds worth a word. */
  skewed?: string;
  redis: LiveRedis;
}

export const ranges = ['hour', 'day', 'week'] as const;
export type Range = (typeof ranges)[number];

/** All servers over a step of time. Rates are a second; CPU is percent of one core. */
export interface HistoryPoint {
  at: number;
  calls: number | null;
  deliveries: number | null;
  cpuAverage: number | null;
  /** Of any server. */
  cpuMaximum: number | null;
  delayMaxMs: number | null;
  connections: number | null;
  redisCpu: number | null;
  redisMemoryBytes: number | null;
}

/** `deploy`: no process is left of those before, one soon after the other, whatever names the new ones have; or the fleet was started. */
export type HistoryEvent =
  | {
      kind: 'freeze';
      from: number;
      to: number;
      server: string;
      longestMs: number | null;
      computing: boolean | null;
    }
  | { kind: 'restart'; from: number; to: number; server: string }
  | { kind: 'deploy'; from: number; to: number };

/** `GET /ops/history?range=` */
export interface History {
  stepMs: number;
  /** In which times are to be shown: that of the machine, as in the report. */
  zone: string;
  points: HistoryPoint[];
  events: HistoryEvent[];
  /** Calls and deliveries are not known but for what was seen. */
  uncounted?: true;
}

/** `GET /ops/verdict?range=&lang=` */
export interface Verdict {
  /** The time that it is about, in words. */
  span: string;
  lines: string[];
}
