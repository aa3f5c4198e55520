import type { Gauge } from '../../src/server/edge/load';
import type { Shed } from '../../src/server/edge/pressure';

/** Events that an overloaded server refuses. */
export const SHEDDABLE = [
  ...(['sendMessage', 'editMessage', 'deleteMessage', 'react', 'history', 'search'] as const),
];

/** A gauge that a test turns. In a test's process the clients share the event loop: a real one would see their work. */
export class TestGauge implements Gauge {
  busy = 0;
  readonly given = new Set<Shed>();

  sheds: Gauge['sheds'] = (what) => this.given.has(what);

  refusesNewcomer(): boolean {
    return this.given.has('handshakes');
  }

  get isRefusing(): boolean {
    return this.given.has('sends');
  }

  refuses(): boolean {
    return this.isRefusing;
  }

  get isOverloaded(): boolean {
    return this.given.has('handshakes');
  }

  retryAfterMs(): number {
    return 1_500;
  }

  stop(): void {
    this.given.clear();
  }
}
