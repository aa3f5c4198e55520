import fc from 'fast-check';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerStats } from '../../src/protocol/stats';
import { lineOf, type Probe } from '../../src/monitor/aggregate';
import { formatLine, parseLine, recordHeader, recordStates, type RecordLine } from '../../src/monitor/line';
import { localDate } from '../../src/monitor/local-time';
import { readRecord, recordFile, RecordWriter } from '../../src/monitor/record';
import { recordGoesOn } from '../../src/fleet/record-folder';
import { onCleanup } from '../support/cleanup';
import { statsOf } from '../support/stats';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

const line = (more: Partial<RecordLine> = {}): RecordLine => ({
  at: Date.UTC(2026, 10, 22, 1, 5),
  server: 'chat-3001',
  pid: 4_312,
  cpuAverage: 41.2,
  cpuMaximum: 66,
  memoryMb: 142.3,
  connections: 1_204,
  loopPercent: 44.1,
  loopDelayP99Ms: 14.2,
  loopDelayMaxMs: 32,
  missed: 0,
  seconds: 300,
  state: 'ok',
  ...more,
});

describe('a line', () => {
  const tenth = (max: number) => fc.option(fc.integer({ min: 0, max: max * 10 }).map((n) => n / 10));
  const lines: fc.Arbitrary<RecordLine> = fc.record({
    at: fc.integer({ min: 0, max: 4e9 }).map((seconds) => seconds * SECOND),
    server: fc.stringMatching(/^([a-z0-9-]{1,20}\.)?chat-[1-9]\d{0,4}$/),
    pid: fc.option(fc.nat()),
    cpuAverage: tenth(400),
    cpuMaximum: tenth(400),
    memoryMb: tenth(1e6),
    connections: fc.option(fc.nat()),
    loopPercent: tenth(100),
    loopDelayP99Ms: tenth(1e7),
    loopDelayMaxMs: tenth(1e7),
    missed: fc.nat(),
    seconds: fc.nat(),
    state: fc.constantFrom(...recordStates),
  });

  test('[RECORD-1] is read back as what was written', () => {
    fc.assert(fc.property(lines, (each) => expect(parseLine(formatLine(each))).toEqual(each)));
  });

  test('[RECORD-1] that is torn, or is no line, is no line; and a torn line never reads as another one', () => {
    const torn = fc.tuple(lines, fc.nat());
    fc.assert(
      fc.property(torn, ([each, cut]) => {
        const text = formatLine(each);
        expect(parseLine(text.slice(0, cut % text.length))).toBeUndefined();
      }),
    );
    for (const text of ['', recordHeader, 'one two', formatLine(line()).replace(/ ok$/, ' fine')])
      expect(parseLine(text)).toBeUndefined();
  });

  test('[RECORD-1] has the local time with its offset, and columns under their names', () => {
    const [text, silent] = [line(), line({ cpuAverage: null, state: 'no answer' })].map(formatLine);
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:05:00[+-]\d\d:\d\d chat-3001 .* 4312 .* ok$/);
    const awk = text!.split(/\s+/);
    expect(awk[recordHeader.split(/\s+/).indexOf('cpu_max_%')]).toBe('66.0');
    expect(awk).toHaveLength(recordHeader.split(/\s+/).length);
    expect(silent!.split(/\s+/)[recordHeader.split(/\s+/).indexOf('cpu_avg_%')]).toBe('-');
    expect(recordHeader.indexOf('state')).toBe(text!.lastIndexOf('ok'));
  });
});

describe('the sums of an interval', () => {
  const probe = (seconds: number, cpuMs: number, more: Partial<ServerStats> = {}, pid = 7): Probe => ({
    at: seconds * SECOND,
    stats: statsOf({ pid, ...more }),
    process: { pid, start: pid, cpuMs, memoryBytes: 100 * 2 ** 20 },
  });
  const silent = (each: Probe): Probe => ({ ...each, stats: undefined });

  test('[RECORD-2] CPU is what the process computed, on average and between two probes', () => {
    const probes = [probe(5, 1_000), probe(10, 6_000), probe(15, 6_500)];
    expect(lineOf('chat-3001', 0, probes, probe(0, 0))).toMatchObject({
      pid: 7,
      cpuAverage: 43.3,
      cpuMaximum: 100,
      memoryMb: 100,
      connections: 5,
      state: 'ok',
      missed: 0,
    });
    expect(lineOf('chat-3001', 0, [probe(5, 1_000)])).toMatchObject({ cpuAverage: null, cpuMaximum: null });
  });

  test('[RECORD-2] what nobody saw of a process that is new is not counted', () => {
    const probes = [probe(5, 1_000), probe(10, 100, {}, 8), probe(15, 1_100, {}, 8)];
    expect(lineOf('chat-3001', 0, probes, probe(0, 0))).toMatchObject({ pid: 8, cpuAverage: 20 });
  });

  test('[RECORD-2] it covers what lies between its probes, but not the time in which the monitor stood still', () => {
    const seconds = (...times: number[]) =>
      lineOf(
        'chat-3001',
        0,
        times.slice(1).map((at) => probe(at, 0)),
        probe(times[0]!, 0),
      ).seconds;
    expect(seconds(0, 5, 10, 15)).toBe(15);
    expect(seconds(0, 5, 3_600, 3_605)).toBe(5 + 10 + 5);
    expect(lineOf('chat-3001', 0, [probe(5, 0), probe(7, 0)]).seconds).toBe(2);
  });

  test('[RECORD-2] of the event loop it has the average of use and the highest delays', () => {
    const loop = (utilization: number, delayP99Ms: number, delayMaxMs: number) => ({
      loop: { utilization, delayP99Ms, delayMaxMs, gcShare: 0 },
    });
    const probes = [probe(5, 0, loop(0.2, 12, 14)), probe(10, 0, loop(0.8, 300, 412))];
    expect(lineOf('chat-3001', 0, probes)).toMatchObject({
      loopPercent: 50,
      loopDelayP99Ms: 300,
      loopDelayMaxMs: 412,
    });
  });

  test('[RECORD-3] who did not answer the last probe has no answer, and pid and CPU all the same', () => {
    const probes = [probe(5, 1_000), silent(probe(10, 6_000))];
    expect(lineOf('chat-3001', 0, probes)).toMatchObject({
      pid: 7,
      cpuAverage: 100,
      connections: 5,
      missed: 1,
      state: 'no answer',
    });
    const back = [silent(probe(5, 1_000)), probe(10, 6_000, { state: 'degraded' })];
    expect(lineOf('chat-3001', 0, back)).toMatchObject({ missed: 1, state: 'degraded' });
    const nothing: Probe = { at: 5_000, stats: undefined, process: undefined };
    expect(Object.values(lineOf('chat-3001', 0, [nothing])).filter((value) => value === null)).toHaveLength(
      8,
    );
  });
});

describe('the file', () => {
  let folder: string;
  let said: string[];
  let writer: RecordWriter;
  const start = Date.UTC(2026, 10, 22, 3);
  const at = (index: number): RecordLine => line({ at: start + index * 300 * SECOND });
  const all = (): RecordLine[] => readRecord(folder, 0, Date.now() + 1_000 * DAY);

  beforeEach(() => {
    const home = mkdtempSync(join(tmpdir(), 'chat-record-'));
    onCleanup(() => rmSync(home, { recursive: true, force: true }));
    folder = join(home, 'usage');
    said = [];
    writer = new RecordWriter(folder, (problem) => said.push(problem ?? 'written again'));
  });

  test('[RECORD-4] begins with a header, goes on where it was, and comes back when it was deleted', () => {
    writer.write([at(0)]);
    new RecordWriter(folder, () => undefined).write([at(1)]);
    const text = readFileSync(recordFile(folder, start), 'utf8');
    expect(text.split('\n')).toEqual([recordHeader, formatLine(at(0)), formatLine(at(1)), '']);
    rmSync(folder, { recursive: true });
    expect(writer.write([at(2)])).toBe(true);
    expect(all()).toEqual([at(2)]);
    expect(said).toEqual([]);
  });

  test('[RECORD-4] a line that was torn spoils no other one', () => {
    writer.write([at(0), at(1)]);
    const file = recordFile(folder, start);
    truncateSync(file, readFileSync(file).length - 20);
    writer.write([at(2)]);
    expect(all()).toEqual([at(0), at(2)]);
  });

  test('[RECORD-5] what cannot be written waits, is said once, and is written later, each line once', () => {
    writeFileSync(folder, 'a file where the folder should be');
    for (const index of [0, 1, 2]) expect(writer.write([at(index)])).toBe(false);
    expect(said).toEqual([expect.stringMatching(/^E[A-Z]+: /)]);
    rmSync(folder);
    expect(writer.write([at(3)])).toBe(true);
    expect(all()).toEqual([0, 1, 2, 3].map(at));
    expect(said).toEqual([expect.anything(), 'written again']);
  });

  test('[RECORD-5] at most 10,000 lines wait, the newest', () => {
    writeFileSync(folder, '');
    for (let i = 0; i < 11; i++) writer.write(Array.from({ length: 1_000 }, (_, k) => at(i * 1_000 + k)));
    rmSync(folder);
    writer.write([]);
    const lines = all();
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([10_000, at(1_000), at(10_999)]);
  });

  test('[RECORD-6] each day has its file by the date here, and files of more than 90 days are removed', () => {
    const now = Date.now() - (Date.now() % SECOND);
    mkdirSync(folder);
    const old = `cpu-${localDate(now - 91 * DAY)}.txt`;
    const kept = [`cpu-${localDate(now - 89 * DAY)}.txt`, 'cpu-notes.txt'];
    for (const name of [old, ...kept]) writeFileSync(join(folder, name), '');
    writer.write([line({ at: now - DAY }), line({ at: now })]);
    const days = [now - DAY, now].map((day) => `cpu-${localDate(day)}.txt`);
    expect(readdirSync(folder).sort()).toEqual([...days, ...kept].sort());
    expect(readRecord(folder, now - DAY, now)).toEqual([line({ at: now })]);
  });
});

test('[STATUS-6] a monitor has no record when its last line is older than two intervals', () => {
  const [now, interval] = [Date.now(), 300 * SECOND];
  const goesOn = (startedAgo: number, recordedAgo?: number): boolean =>
    recordGoesOn(
      now - startedAgo * SECOND,
      recordedAgo === undefined ? undefined : now - recordedAgo * SECOND,
      interval,
      now,
    );
  expect([goesOn(10_000, 300), goesOn(10_000, 605), goesOn(600), goesOn(600, 10_000)]).not.toContain(false);
  expect([goesOn(10_000, 615), goesOn(10_000), goesOn(615, 10_000)]).not.toContain(true);
});
