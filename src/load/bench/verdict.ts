import type { Metric } from './measure';
import { figure, type Line } from './results';
import type { Goal, Shape } from './shapes';

/** One row of the table: a figure of ours beside its goal. */
export interface Row {
  shape: string;
  metric: Metric;
  goal: Goal;
  /** The ratio, difference or figure that is judged; undefined if a side has no run that counts. */
  value: number | undefined;
  verdict: 'goal' | 'floor' | 'missed' | 'unknown';
}

/** Pure: what the runs say about the goals of a shape. */
export function judge(shape: Shape, lines: Line[]): Row[] {
  return shape.goals.map((goal) => {
    const value = valueOf(shape, goal, lines);
    return { shape: shape.id, metric: goal.metric, goal, value, verdict: verdictOf(goal, value) };
  });
}

function valueOf({ id }: Shape, { metric, compare, to }: Goal, lines: Line[]): number | undefined {
  const ours = figure(lines, id, 'ours', metric)?.median;
  if (to === undefined || ours === undefined) return ours;
  const theirs =
    typeof to === 'string' ? figure(lines, id, to, metric) : figure(lines, to.shape, 'ours', metric);
  return theirs && compared(compare, ours, theirs.median);
}

const compared = (compare: Goal['compare'], ours: number, theirs: number): number =>
  compare === 'ratio' ? ours / theirs : ours - theirs;

function verdictOf({ floor, goal, more }: Goal, value: number | undefined): Row['verdict'] {
  if (value === undefined) return 'unknown';
  const reaches = (bound: number): boolean => (more ? value >= bound : value <= bound);
  if (goal !== undefined && reaches(goal)) return 'goal';
  return reaches(floor) ? 'floor' : 'missed';
}
