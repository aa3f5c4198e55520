import { build, type Histogram } from 'hdr-histogram-js';

/** Times in milliseconds. */
export interface Latency {
  p50: number;
  p99: number;
  p999: number;
  max: number;
  /** How many were measured. */
  samples: number;
}

/** Planned instants from `from` up to `to` count; microseconds on the generator's clock. */
export interface Span {
  from: number;
  to: number;
}

/** What all connections of a run count together. */
export class Tally {
  sent = 0;
  acknowledged = 0;
  /** Messages shown, summed over the connections. */
  delivered = 0;
  /** A sender's count has jumped: something is missing, or comes later than what followed it. */
  gaps = 0;
  /** A sender's count has not risen: something comes twice, or late. */
  backwards = 0;
  /** Positions in a room's log that did not rise by one (our wire only). */
  seqBreaks = 0;
  /** Connections that ended without being told to. */
  ended = 0;
  /** The first few reasons in words. */
  readonly problems: string[] = [];
  private readonly deliveries = newHistogram();
  private readonly acks = newHistogram();

  /** One of so many deliveries is timed; `span` is what counts. */
  constructor(
    readonly sampleEvery: number,
    private readonly span: Span,
  ) {}

  deliveryTook(planned: number, now: number): void {
    if (this.counts(planned)) this.deliveries.recordValue(Math.max(0, now - planned));
  }

  ackTook(planned: number, now: number, timed: boolean): void {
    this.acknowledged++;
    if (timed && this.counts(planned)) this.acks.recordValue(Math.max(0, now - planned));
  }

  problem(words: string): void {
    if (this.problems.length < 5 && !this.problems.includes(words)) this.problems.push(words);
  }

  delivery(): Latency {
    return latencyOf(this.deliveries);
  }

  ack(): Latency {
    return latencyOf(this.acks);
  }

  private counts(planned: number): boolean {
    return planned >= this.span.from && planned < this.span.to;
  }
}

/** Microseconds, up to ten minutes, to three digits. */
const newHistogram = (): Histogram =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 3 });

function latencyOf(histogram: Histogram): Latency {
  const ms = (share: number): number => histogram.getValueAtPercentile(share) / 1_000;
  return {
    p50: ms(50),
    p99: ms(99),
    p999: ms(99.9),
    max: histogram.maxValue / 1_000,
    samples: histogram.totalCount,
  };
}
