import { skewOf } from '../fleet/server-status';

/** The fullest server of a fleet whose people are spread unevenly. */
export interface Skew {
  server: string;
  connections: number;
  total: number;
  /** How many times its share it has. */
  factor: number;
}

/** From here on unevenness is worth a word; of a handful of people it is none. */
const SKEWED = 1.5;
const AT_LEAST = 100;

/** Pure: of the servers that answer; undefined while people are spread evenly enough. */
export function skewAmong(servers: { name: string; connections: number }[]): Skew | undefined {
  const counts = servers.map(({ connections }) => connections);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const factor = skewOf(counts) ?? 0;
  if (total < AT_LEAST || factor < SKEWED) return undefined;
  const connections = Math.max(...counts);
  return { server: servers[counts.indexOf(connections)]!.name, connections, total, factor };
}
