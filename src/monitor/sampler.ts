import type { PlannedServer } from '../fleet/plan';
import { readStats } from '../fleet/probe';
import { lineOf, type Probe } from './aggregate';
import type { RecordLine } from './line';
import { processOf } from './process';

const ANSWER_WITHIN_MS = 2_000;

interface Watched {
  probes: Probe[];
  before?: Probe;
}

/** Looks at servers from outside and keeps what it saw until it is asked for a line each. */
export class Sampler {
  private watched = new Map<string, Watched>();

  /** Looks at each of these servers once; servers that are not among them are forgotten. Takes 2 s at most. */
  async probe(servers: PlannedServer[]): Promise<void> {
    this.watched = new Map(
      servers.map(({ name }) => [name, this.watched.get(name) ?? { probes: [] }] as const),
    );
    await Promise.all(servers.map((server) => this.probeOne(server)));
  }

  /** A line for each server looked at since the last time. */
  lines(at: number): RecordLine[] {
    return [...this.watched].flatMap(([server, watched]) => {
      const { probes, before } = watched;
      const last = probes.at(-1);
      if (!last) return [];
      this.watched.set(server, { probes: [], before: last });
      return [lineOf(server, at, probes, before)];
    });
  }

  private async probeOne(server: PlannedServer): Promise<void> {
    const { probes, before } = this.watched.get(server.name)!;
    const stats = await readStats(server, ANSWER_WITHIN_MS);
    const process = processOf(server.port, stats, (probes.at(-1) ?? before)?.process);
    probes.push({ at: performance.now(), stats, process });
  }
}
