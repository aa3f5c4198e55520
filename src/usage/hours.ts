export const HOUR_MS = 3_600_000;

/** Counters are kept this long after they were last written. */
export const KEEP_MS = 90 * 24 * HOUR_MS + HOUR_MS;

/** Pure: the start of the hour (UTC) that a time lies in. Times are ms since 1970. */
export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

/** Pure: the starts of all hours that have a part between two times. */
export function hoursBetween(from: number, to: number): number[] {
  const first = hourOf(from);
  const count = Math.max(0, Math.ceil((to - first) / HOUR_MS));
  return Array.from({ length: count }, (_, index) => first + index * HOUR_MS);
}

/** The key of an hour's counters, such as `chat:usage:2026-11-22T10`, in UTC. */
export function hourKey(keyPrefix: string, hour: number): string {
  return `${keyPrefix}usage:${new Date(hour).toISOString().slice(0, 13)}`;
}

/** Totals by what is counted: `calls.<event>`, `deliveries`, `connects`. */
export type Totals = Record<string, number>;

/** The field of one total of one stretch of one server. Neither names nor ids have a colon in them. */
export function fieldOf(server: string, stretch: string, what: string): string {
  return `${server}:${stretch}:${what}`;
}

/** Pure: of which server a field is. */
export function serverOf(field: string): string {
  return field.slice(0, field.indexOf(':'));
}

/** Pure: what a field counts. */
export function whatOf(field: string): string {
  return field.slice(field.lastIndexOf(':') + 1);
}
