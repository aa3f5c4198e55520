import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordLine } from '../../src/monitor/line';
import { readRecord, RecordWriter } from '../../src/monitor/record';
import { onCleanup } from '../support/cleanup';

/** Mounting a disk of 64 KiB takes root. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

const line = (index: number): RecordLine => ({
  at: Date.UTC(2026, 10, 22) + index * 5_000,
  server: 'chat-3001',
  pid: index,
  cpuAverage: 1,
  cpuMaximum: 2,
  memoryMb: 3,
  connections: 4,
  loopPercent: 5,
  loopDelayP99Ms: 6,
  loopDelayMaxMs: 7,
  missed: 0,
  seconds: 5,
  state: 'ok',
});

asRoot('[RECORD-5] a full disk costs the record no line, and none is there twice', () => {
  const disk = mkdtempSync(join(tmpdir(), 'chat-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  onCleanup(() => {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });
  const said: string[] = [];
  const writer = new RecordWriter(join(disk, 'usage'), (problem) => said.push(problem ?? 'written again'));
  expect(writer.write([line(0)])).toBe(true);
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(48 * 1_024));
  const lines = Array.from({ length: 500 }, (_, index) => line(index));
  // Many lines at once: the last that fits is torn.
  expect(writer.write(lines.slice(1, 400))).toBe(false);
  for (const each of lines.slice(400)) expect(writer.write([each])).toBe(false);
  expect(said).toEqual([expect.stringContaining('ENOSPC')]);
  rmSync(ballast);
  execFileSync('mount', ['-o', 'remount,size=1m', disk]);
  expect(writer.write([])).toBe(true);
  expect(readRecord(join(disk, 'usage'), 0, Date.now() * 2)).toEqual(lines);
  expect(said).toHaveLength(2);
});
