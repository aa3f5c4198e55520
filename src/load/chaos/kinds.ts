/** What a fault hits. Two faults at once never hit the same. */
export type Target = 'server' | 'fleet' | 'redis' | 'nginx' | 'clients';

export interface KindOfFault {
  target: Target;
  /** What is done, in words; `<server>` stands for the one that is hit. */
  words: string;
  /** How long it lasts, in ms: from, to. Missing: it is over at once, and the fleet heals by itself. */
  lasts?: readonly [number, number];
  /** The lengths of a `--long` run, in ms. */
  long?: readonly number[];
}

const table = {
  'server-kill': { target: 'server', words: 'kill -9 of <server>' },
  'servers-kill': { target: 'fleet', words: 'kill -9 of all servers' },
  'server-freeze': {
    ...{ target: 'server', words: 'SIGSTOP of <server>' },
    ...{ lasts: [1_000, 8_000], long: [10_000, 40_000, 70_000] },
  },
  'redis-kill': { target: 'redis', words: 'kill -9 of Redis' },
  'redis-freeze': {
    ...{ target: 'redis', words: 'SIGSTOP of Redis' },
    ...{ lasts: [500, 6_000], long: [40_000] },
  },
  'redis-down': { target: 'redis', words: 'Redis stopped', lasts: [2_000, 8_000], long: [60_000] },
  'redis-older': { target: 'redis', words: 'Redis given an older file', lasts: [2_000, 6_000] },
  'subscribers-cut': {
    ...{ target: 'redis', words: 'subscriber connections killed, twice a second' },
    ...{ lasts: [500, 4_000], long: [60_000] },
  },
  'publishers-cut': {
    ...{ target: 'redis', words: 'publisher connections killed, twice a second' },
    ...{ lasts: [500, 4_000], long: [60_000] },
  },
  'nginx-reload': { target: 'nginx', words: 'nginx reloaded' },
  'nginx-restart': { target: 'nginx', words: 'nginx restarted' },
  'nginx-kill': { target: 'nginx', words: 'kill -9 of nginx' },
  'clients-cut': {
    ...{ target: 'clients', words: 'clients cut off' },
    ...{ lasts: [500, 8_000], long: [10_000, 60_000, 90_000] },
  },
  'clients-half-open': {
    ...{ target: 'clients', words: 'bytes of clients swallowed both ways' },
    ...{ lasts: [1_000, 6_000], long: [60_000] },
  },
  'clients-deaf': {
    ...{ target: 'clients', words: 'bytes to clients swallowed' },
    ...{ lasts: [1_000, 6_000], long: [60_000] },
  },
  'clients-mute': {
    ...{ target: 'clients', words: 'bytes from clients swallowed' },
    ...{ lasts: [1_000, 6_000], long: [60_000] },
  },
} as const satisfies Record<string, KindOfFault>;

export type FaultKind = keyof typeof table;

/** All that a chaos run does to a fleet and its clients. */
export const kinds: Readonly<Record<FaultKind, KindOfFault>> = table;

export const faultKinds = Object.keys(table) as FaultKind[];
