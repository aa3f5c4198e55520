import type { PlannedServer } from '../fleet/plan';

/** Asked so often without an answer, a server counts as silent. */
export const SILENT_AFTER = 3;

/** `refused`: nothing listens there. nginx notices that by itself, and at once. */
export type Answered = 'yes' | 'refused' | 'no';

/** Which servers accept connections but do not answer: of these nginx knows nothing, and newcomers wait there in vain. */
export class Silence {
  private missed: Map<number, number>;

  /** @param silent ports of those that were silent before. */
  constructor(silent: number[]) {
    this.missed = new Map(silent.map((port) => [port, SILENT_AFTER]));
  }

  /** Takes one round of answers; servers that are not in it are forgotten. */
  heard(answers: [PlannedServer, Answered][]): void {
    this.missed = new Map(
      answers.map(([{ port }, answered]) => [port, answered === 'no' ? (this.missed.get(port) ?? 0) + 1 : 0]),
    );
  }

  /** Ports of those that are silent now. */
  get ports(): number[] {
    return [...this.missed].filter(([, count]) => count >= SILENT_AFTER).map(([port]) => port);
  }
}
