import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../src/config/settings';
import { recordFolder } from '../../src/fleet/record-folder';
import { askRedis } from '../../src/fleet/ask-redis';
import { type RecordLine } from '../../src/monitor/line';
import { readRecord } from '../../src/monitor/record';
import type { Totals } from '../../src/usage/hours';
import { readUsage } from '../../src/usage/reader';
import { eventually } from './eventually';
import { testFleet, type TestFleet } from './fleet';
import { testSettings } from './server';

/** What a server does of its own accord; see trouble.cjs. */
export interface Trouble {
  /** Only this one; missing: all. */
  server?: string;
  deliveryMicros?: number;
  blockMs?: number;
  chokeMs?: number;
  garbage?: number;
}

const HOURS_MS = 2 * 3_600_000;

/** A real fleet whose servers make trouble when they are told to; not started yet. */
export class TroubledFleet {
  readonly settings: Settings;
  private readonly file: string;

  private constructor(
    readonly fleet: TestFleet,
    recordSeconds: number,
  ) {
    const { varDir, redisPort, httpPort, opsPort } = fleet;
    this.settings = testSettings({ varDir, redisPort, httpPort, opsPort, recordSeconds });
    this.file = join(varDir, '..', 'trouble.json');
    Object.assign(fleet.env, {
      NODE_OPTIONS: `--require ${join(__dirname, 'trouble.cjs')}`,
      TROUBLE: this.file,
    });
  }

  /** `recordSeconds`: how often lines are written into its record. */
  static async make(servers: number, recordSeconds: number): Promise<TroubledFleet> {
    const fleet = await testFleet(servers);
    Object.assign(fleet.env, { RECORD_SECONDS: `${recordSeconds}`, SENDS_PER_SECOND: '0' });
    return new TroubledFleet(fleet, recordSeconds);
  }

  /** All servers do so within a moment, also those that are started later. */
  ask(trouble: Trouble): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(trouble));
    renameSync(`${this.file}.new`, this.file);
  }

  /** Says something to Redis that no server of ours would. */
  redis(...command: string[]): Promise<unknown> {
    return askRedis(this.settings, 'test', (connection) =>
      connection.run('', (client) => client.sendCommand(command)),
    );
  }

  async pidOf(name: string): Promise<number> {
    return (await this.fleet.apps()).find((app) => app.name === name)!.pid;
  }

  /** What all servers have counted, as it lies in Redis. */
  async counted(): Promise<Totals> {
    const { keyPrefix } = this.settings;
    const now = Date.now();
    const hours = await askRedis(this.settings, 'test', (connection) =>
      readUsage(connection, keyPrefix, now - HOURS_MS, now),
    );
    const all: Totals = {};
    for (const { totals } of hours)
      for (const [what, total] of Object.entries(totals)) all[what] = (all[what] ?? 0) + total;
    return all;
  }

  /** The lines of the record after `from` up to `to`, as soon as that of `to` is there for each server. */
  record(from: number, to: number, servers: number): Promise<RecordLine[]> {
    return eventually(() => {
      const lines = readRecord(recordFolder(this.fleet.varDir), from, to);
      expect(lines.filter(({ at }) => at === to)).toHaveLength(servers);
      return lines;
    }, 15_000);
  }
}
