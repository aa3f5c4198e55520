import { basename } from 'node:path';
import { HOUR_MS } from '../../usage/hours';
import { parseLine, type RecordLine } from '../line';
import type { CpuOf } from '../model/need';
import { usualGap } from './calls';
import { linesOf, unreadable } from './lines';
import { SarReader } from './sar';
import { TableReader } from './table';
import { TimeReader } from './times';
import type { ZoneClock } from './zone';

/** CPU as files tell it. */
export interface Cpu {
  lines: RecordLine[];
  of: CpuOf;
  /** null: not told. */
  cores: number | null;
  intervalMs: number;
}

const COLUMN = /cpu|percent|usage|사용/i;
const EXAMPLE = '2026-11-22T10:05,48.5 (percent of one core)';

/** Reads our own record, the text of `sar -u`, or tables of `time,percent of one core`. Throws FleetError with file and line. */
export async function readCpu(files: string[], clock: ZoneClock): Promise<Cpu> {
  const read = [];
  for (const file of files) read.push(await readOne(file, clock));
  const lines = read.flatMap((each) => each.lines).sort((a, b) => a.at - b.at);
  const cores = read.map((each) => each.cores).find((each) => each !== null) ?? null;
  const intervalMs = Math.min(HOUR_MS, ...read.map((each) => each.intervalMs));
  return { lines, of: read.some(({ of }) => of === 'host') ? 'host' : 'server', cores, intervalMs };
}

async function readOne(file: string, clock: ZoneClock): Promise<Cpu> {
  for await (const { text } of linesOf(file)) {
    if (text.startsWith('#time') || parseLine(text)) return readRecordFile(file);
    if (SarReader.begins(text)) return readSar(file, clock);
    if (text.trim() !== '') break;
  }
  return readTable(file, clock);
}

async function readRecordFile(file: string): Promise<Cpu> {
  const lines: RecordLine[] = [];
  for await (const { text } of linesOf(file)) {
    const line = parseLine(text);
    if (line) lines.push(line);
  }
  return { lines, of: 'server', cores: null, intervalMs: usualGap(lines.map(({ at }) => at)) };
}

async function readSar(file: string, clock: ZoneClock): Promise<Cpu> {
  const sar = new SarReader(clock);
  const rows: { at: number; percent: number }[] = [];
  for await (const line of linesOf(file)) rows.push(...[sar.read(line)].filter((row) => row !== undefined));
  if (rows.length === 0)
    throw unreadable(`${basename(file)}:1`, 'it has no lines of all cores', 'sar -u > sar.txt');
  const intervalMs = usualGap(rows.map(({ at }) => at));
  return { ...linesFrom(rows, intervalMs, 'host'), of: 'host', cores: sar.cores };
}

async function readTable(file: string, clock: ZoneClock): Promise<Cpu> {
  const table = new TableReader(new TimeReader(clock, 0), EXAMPLE);
  const rows: { at: number; percent: number }[] = [];
  for await (const line of linesOf(file)) {
    const row = table.read(line);
    const percent = row && table.figure(row, COLUMN, true);
    if (row && percent !== undefined) rows.push({ at: row.at, percent });
  }
  if (rows.length === 0) throw unreadable(`${basename(file)}:1`, 'it has no line with a time and a figure', `lines such as ${EXAMPLE}`); // prettier-ignore
  const intervalMs = usualGap(rows.map(({ at }) => at));
  // What is sampled or summed from a time on belongs to the time after it; a line of the record tells of the time before.
  return { ...linesFrom(rows.map(({ at, percent }) => ({ at: at + intervalMs, percent })), intervalMs, 'server'), of: 'server', cores: null }; // prettier-ignore
}

function linesFrom(
  rows: { at: number; percent: number }[],
  gap: number,
  server: string,
): Pick<Cpu, 'lines' | 'intervalMs'> {
  const intervalMs = Math.min(HOUR_MS, gap);
  const unknown = { pid: null, memoryMb: null, connections: null, loopPercent: null, loopDelayP99Ms: null, loopDelayMaxMs: null }; // prettier-ignore
  const lines = rows.map(({ at, percent }): RecordLine => ({
    ...unknown,
    at,
    server,
    cpuAverage: percent,
    cpuMaximum: percent,
    missed: 0,
    seconds: intervalMs / 1_000,
    state: 'ok',
  }));
  return { lines, intervalMs };
}
