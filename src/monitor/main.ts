import { readSettings } from '../config/load';
import type { PlannedServer } from '../fleet/plan';
import { recordFolder } from '../fleet/record-folder';
import { watchHosts } from './hosts';
import { keepOps } from './keep-ops';
import { lastPlan } from './last-plan';
import { RecordWriter } from './record';
import { Sampler } from './sampler';

const PROBE_MS = 5_000;

/**
 * The monitor: looks at every server of the plan every five seconds, or as often as lines are due if that
 * is more often, and writes a line for each into the record at every full interval of the clock. It needs neither
 * Redis nor PM2, and the plan may change at any time.
 */
class Monitor {
  private readonly sampler = new Sampler();
  private readonly record: RecordWriter;
  private interval: number;
  private readonly probeMs: number;

  constructor(
    private readonly planned: () => PlannedServer[],
    varDir: string,
    private readonly intervalMs: number,
  ) {
    this.record = new RecordWriter(recordFolder(varDir), (problem) =>
      console.error(
        problem === undefined
          ? 'The record is written again.'
          : `The record cannot be written, its lines wait in memory: ${problem}`,
      ),
    );
    this.interval = this.intervalAt(Date.now());
    this.probeMs = Math.min(PROBE_MS, intervalMs);
  }

  /** Looks, writes if an interval is full, and comes again at the next multiple of the time between two looks. */
  async run(): Promise<void> {
    try {
      await this.sampler.probe(this.planned());
      const interval = this.intervalAt(Date.now());
      // Not "later than": a clock that was set back goes on from there.
      if (interval !== this.interval) this.record.write(this.sampler.lines(interval));
      this.interval = interval;
    } catch (error) {
      console.error(error); // one look that failed is no reason to end
    } finally {
      setTimeout(() => void this.run(), this.probeMs - (Date.now() % this.probeMs));
    }
  }

  /** Writes what was seen since the last full interval. */
  stop(): void {
    this.record.write(this.sampler.lines(Math.floor(Date.now() / 1_000) * 1_000));
  }

  private intervalAt(now: number): number {
    return Math.floor(now / this.intervalMs) * this.intervalMs;
  }
}

// Whoever read what it says may be gone; the record goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const { settings } = readSettings();
const { varDir, recordSeconds } = settings;
const planned = lastPlan(varDir, console.error);
const monitor = new Monitor(planned, varDir, recordSeconds * 1_000);
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    monitor.stop();
    process.exit();
  });
}
void monitor.run();
watchHosts(settings, planned);
keepOps();
