import { existsSync, readFileSync } from 'node:fs';
import { parseLine, type RecordLine } from '../../src/monitor/line';
import { recordFolder } from '../../src/fleet/record-folder';
import { recordFile } from '../../src/monitor/record';
import { eventually } from './eventually';
import { testFleet, type TestFleet } from './fleet';

/** A line is due every second, and the monitor may have to start first. */
const LINES_WITHIN_MS = 25_000;

/** A small fleet with a record that is written every second; not started yet. */
export class RecordedFleet {
  private constructor(
    readonly fleet: TestFleet,
    readonly servers: [string, string],
  ) {}

  static async make(): Promise<RecordedFleet> {
    const fleet = await testFleet(2);
    fleet.env.RECORD_SECONDS = '1';
    return new RecordedFleet(fleet, [`chat-${fleet.basePort}`, `chat-${fleet.basePort + 1}`]);
  }

  get folder(): string {
    return recordFolder(this.fleet.varDir);
  }

  get file(): string {
    return recordFile(this.folder, Date.now());
  }

  /** All lines so far. */
  lines(): RecordLine[] {
    if (!existsSync(this.file)) return [];
    return readFileSync(this.file, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((text) => parseLine(text)!);
  }

  /** Waits for a line that is written from now on. */
  async newLine(test: (line: RecordLine) => boolean, since = this.lines().length): Promise<RecordLine> {
    return eventually(() => {
      const found = this.lines().slice(since).find(test);
      if (!found) throw new Error(`no such line among ${JSON.stringify(this.lines().slice(since))}`);
      return found;
    }, LINES_WITHIN_MS);
  }

  async pidOf(name: string): Promise<number> {
    return (await this.fleet.apps()).find((app) => app.name === name)!.pid;
  }
}
