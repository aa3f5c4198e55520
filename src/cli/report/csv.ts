import { localIso } from '../../monitor/local-time';
import type { HourRow, UsageReport } from '../../monitor/report';

type Cell = string | number | null | undefined;

/** Names never change and are the same in every language; columns are only ever added, at the end. */
const columns: [string, (row: HourRow) => Cell][] = [
  ['hour', ({ hour }) => localIso(hour)],
  ['calls', ({ calls }) => calls],
  ['deliveries', ({ deliveries }) => deliveries],
  ['connects', ({ connects }) => connects],
  ['cpu_avg_%', ({ cpu }) => rounded(cpu?.average)],
  ['cpu_max_%', ({ cpu }) => rounded(cpu?.maximum)],
  ['cpu_all_servers_%', ({ cpu }) => rounded(cpu?.total)],
  ['servers', ({ cpu }) => rounded(cpu?.servers)],
  ['busiest_server', ({ cpu }) => cpu?.busiest.server],
  ['busiest_cpu_%', ({ cpu }) => rounded(cpu?.busiest.average)],
  ['delay_max_ms', ({ loopDelayMaxMs }) => rounded(loopDelayMaxMs)],
  ['missed', ({ missed }) => missed],
  ['absent', ({ absent }) => absent],
  ['peak', ({ peak }) => (peak ? 1 : 0)],
];

/** Pure but for the time zone: a line for each hour, after one with the names; empty: not known. */
export function reportCsv({ hours }: UsageReport): string {
  const lines = hours.map((row) => columns.map(([, of]) => quoted(of(row))).join(','));
  return [columns.map(([name]) => name).join(','), ...lines, ''].join('\n');
}

function quoted(cell: Cell): string {
  const text = `${cell ?? ''}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Math.round(value * 10) / 10;
}
