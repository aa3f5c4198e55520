import { endpointOf } from '../fleet/address';
import type { PlannedServer } from '../fleet/plan';

/** Asked so often without an answer, a server counts as silent. */
export const SILENT_AFTER = 3;

/** `refused`: nothing listens there. nginx notices that by itself, and at once. */
export type Answered = 'yes' | 'refused' | 'no';

/** Which servers accept connections but do not answer: of these nginx knows nothing, and newcomers wait there in vain. */
export class Silence {
  private missed: Map<string, number>;

  /** @param silent endpoints (address:port) of those that were silent before. */
  constructor(silent: string[]) {
    this.missed = new Map(silent.map((endpoint) => [endpoint, SILENT_AFTER]));
  }

  /** Takes one round of answers; servers that are not in it are forgotten. */
  heard(answers: [PlannedServer, Answered][]): void {
    this.missed = new Map(
      answers.map(([server, answered]) => {
        const endpoint = endpointOf(server);
        return [endpoint, answered === 'no' ? (this.missed.get(endpoint) ?? 0) + 1 : 0];
      }),
    );
  }

  /** Endpoints of those that are silent now. */
  get endpoints(): string[] {
    return [...this.missed].filter(([, count]) => count >= SILENT_AFTER).map(([endpoint]) => endpoint);
  }
}
