import { localIso } from './local-time';

/** What a server said of itself, or that it did not answer. */
export const recordStates = ['ok', 'degraded', 'overloaded', 'draining', 'bad', 'no answer'] as const;
export type RecordState = (typeof recordStates)[number];

/** One line of the record: one server over one interval. null: nobody knows. */
export interface RecordLine {
  /** End of the interval, ms since 1970, in whole seconds. */
  at: number;
  server: string;
  pid: number | null;
  /** Of one core, in percent; the maximum is that between two probes. */
  cpuAverage: number | null;
  cpuMaximum: number | null;
  memoryMb: number | null;
  connections: number | null;
  /** Busy share of the event loop in percent, the average. */
  loopPercent: number | null;
  loopDelayP99Ms: number | null;
  loopDelayMaxMs: number | null;
  /** Probes of the interval that had no answer within 2 s. */
  missed: number;
  /** How much of the interval was looked at. */
  seconds: number;
  /** By the last probe of the interval. */
  state: RecordState;
}

type Figure = Exclude<keyof RecordLine, 'at' | 'server' | 'state'>;

const TIME_WIDTH = 25;
const SERVER_WIDTH = 16;

/** The columns between server and state, with the number of decimals. */
const figures: { key: Figure; name: string; decimals: number }[] = [
  { key: 'pid', name: 'pid', decimals: 0 },
  { key: 'cpuAverage', name: 'cpu_avg_%', decimals: 1 },
  { key: 'cpuMaximum', name: 'cpu_max_%', decimals: 1 },
  { key: 'memoryMb', name: 'memory_MB', decimals: 1 },
  { key: 'connections', name: 'connections', decimals: 0 },
  { key: 'loopPercent', name: 'loop_%', decimals: 1 },
  { key: 'loopDelayP99Ms', name: 'delay_p99_ms', decimals: 1 },
  { key: 'loopDelayMaxMs', name: 'delay_max_ms', decimals: 1 },
  { key: 'missed', name: 'missed', decimals: 0 },
  { key: 'seconds', name: 'seconds', decimals: 0 },
];

const widthOf = (name: string): number => Math.max(8, name.length);

/** The first line of each file. */
export const recordHeader = [
  '#time'.padEnd(TIME_WIDTH),
  'server'.padEnd(SERVER_WIDTH),
  ...figures.map(({ name }) => name.padStart(widthOf(name))),
  'state',
].join(' ');

/** Pure but for the time zone: the text of a line, without its end. */
export function formatLine(line: RecordLine): string {
  return [
    localIso(line.at).padEnd(TIME_WIDTH),
    line.server.padEnd(SERVER_WIDTH),
    ...figures.map(({ key, name, decimals }) =>
      (line[key]?.toFixed(decimals) ?? '-').padStart(widthOf(name)),
    ),
    line.state,
  ].join(' ');
}

/** Pure: what a line says; undefined for a header, a torn line, and whatever else is no line of the record. */
export function parseLine(text: string): RecordLine | undefined {
  const [time, server, ...rest] = text.trim().split(/\s+/);
  const texts = rest.slice(0, figures.length);
  const state = recordStates.find((each) => each === rest.slice(figures.length).join(' '));
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(time ?? '') ? Date.parse(time!) : NaN;
  if (Number.isNaN(at) || server === undefined || state === undefined) return undefined;
  if (!texts.every((each) => /^(-|\d+(\.\d+)?)$/.test(each))) return undefined;
  const values = figures.map(({ key }, i) => [key, texts[i] === '-' ? null : Number(texts[i])]);
  return { at, server, ...(Object.fromEntries(values) as Pick<RecordLine, Figure>), state };
}
