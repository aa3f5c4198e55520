/** What makes work; all of it is counted. Deliveries first: cost follows them. */
export const loads = ['deliveries', 'calls', 'connects'] as const;
export type Load = (typeof loads)[number];

/** What is known of one hour, as the model takes it. */
export interface Observation {
  /** Start, ms since 1970. */
  hour: number;
  /** Servers that ran, on average. */
  servers: number;
  /** CPU of an average server, in percent of one core. */
  cpu: number;
  /** CPU of the busiest server. */
  busiest: number;
  /** A second, over all servers; null: not counted. */
  rates: Record<Load, number | null>;
}

/** Pure: those loads that are known in each of these hours, and were there in one. */
export function usableLoads(observations: Observation[]): Load[] {
  return loads.filter(
    (load) =>
      observations.every(({ rates }) => rates[load] !== null) &&
      observations.some(({ rates }) => rates[load]! > 0),
  );
}
