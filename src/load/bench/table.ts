import type { Metric } from './measure';
import { figure, type Line } from './results';
import type { Shape } from './shapes';
import { judge, type Row } from './verdict';

/** What each figure is, in words. */
export const metricWords: Record<Metric, string> = {
  serversUs: 'servers, µs CPU a delivery',
  redisUs: 'Redis, µs CPU a delivery',
  nginxUs: 'nginx, µs CPU a delivery',
  fleetUs: 'fleet, µs CPU a delivery',
  serversCpu: 'servers, share of a core',
  p50: 'p50 ms',
  p99: 'p99 ms',
  ackP50: 'ack p50 ms',
  ackP99: 'ack p99 ms',
  deliveries: 'deliveries/s',
  acks: 'acks/s',
  refused: 'refused, share',
  connectUs: 'servers, µs CPU a connect',
  idleKb: 'servers, KiB a connection',
  endMb: 'servers, MiB',
  generatorUs: 'generator, µs CPU a delivery',
};

/** Pure: the figures of all sides of a shape: median (least to most) of the runs that count. */
export function figuresTable(shape: Shape, lines: Line[], metrics: Metric[]): string[] {
  const runs = (side: string): string => {
    const all = lines.filter((line) => line.shape === shape.id && line.side === side);
    const good = all.filter(({ faults }) => faults.length === 0);
    return `${good.length} of ${all.length}`;
  };
  const cell = (side: Shape['sides'][number], metric: Metric): string => {
    const spread = figure(lines, shape.id, side, metric);
    if (!spread) return '-';
    return `${short(spread.median)} (${short(spread.least)}–${short(spread.most)})`;
  };
  return markdown([
    ['', ...metrics.map((metric) => metricWords[metric]), 'runs that count'],
    ...shape.sides.map((side) => [side, ...metrics.map((metric) => cell(side, metric)), runs(side)]),
  ]);
}

/** Pure: the goals, and what became of them. */
export function goalsTable(shapes: Shape[], lines: Line[]): string[] {
  const rows = shapes.flatMap((shape) => judge(shape, lines));
  return markdown([['shape', 'figure', 'ours', 'floor', 'goal', 'met'], ...rows.map(goalCells)]);
}

const verdictWords = { goal: 'goal', floor: 'floor', missed: '**no**', unknown: 'not measured' };

function goalCells({ shape, metric, goal, value, verdict }: Row): string[] {
  const other = typeof goal.to === 'object' ? goal.to.shape : `${goal.to}`;
  const unit = { ratio: ` ${other}`, plus: ` above ${other}`, bound: '' }[goal.compare];
  const bound = (limit: number | undefined): string =>
    limit === undefined ? '' : `${goal.more ? '≥' : '≤'} ${short(limit)}${unit}`;
  const shown = value === undefined ? '-' : `${short(value)}${unit}`;
  return [shape, metricWords[metric], shown, bound(goal.floor), bound(goal.goal), verdictWords[verdict]];
}

/** Three digits that say something. */
export function short(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en');
  return `${Number(value.toPrecision(Math.abs(value) >= 100 ? 3 : 2))}`;
}

/** Pure: aligned, so that it reads well in a terminal too. */
export function markdown(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (row: string[]): string => `| ${row.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)];
}
