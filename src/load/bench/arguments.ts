import { parseArgs } from 'node:util';
import { groups, shapes, usual, type Shape } from './shapes';

export const USAGE = `usage: npm run bench [-- OPTIONS]

Measures what a delivered message costs and how long it takes, beside what people would use instead, and
writes docs/BENCHMARKS.md. In less than 15 minutes: ${usual.join(', ')}.
  --all        every shape
  --only A,B   these groups or shapes alone: ${groups.join(', ')}; docs stay as they are
  --write      put what --only measured into docs/BENCHMARKS.md
  --runs N     how often each is measured (default 3)
  --quick      one short run of each, to see that it works; docs stay as they are
Exit code 0: measured. 1: something could not be measured. 2: wrong usage.`;

export interface Wanted {
  shapes: Shape[];
  runs: number;
  /** Whether docs are to show the results. */
  write: boolean;
}

/** Throws an Error whose message says what is wrong; undefined: only the usage is wanted. */
export function wanted(args: string[]): Wanted | undefined {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args,
    options: {
      ...{ all: flag, write: flag, quick: flag, help: flag },
      only: { type: 'string' },
      runs: { type: 'string', default: '3' },
    },
  });
  const { all, only, quick, write, help } = values;
  if (help) return undefined;
  const runs = quick ? 1 : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 100)
    throw new Error('--runs: a whole number from 1 to 100 is needed');
  const chosen = shapes.filter(
    only === undefined ? ({ group }) => all || usual.includes(group) : named(only),
  );
  return {
    shapes: quick ? chosen.map(shortened) : chosen,
    runs,
    write: !quick && (write || only === undefined),
  };
}

function named(text: string): (shape: Shape) => boolean {
  const names = text.split(',');
  const has = (name: string): boolean => shapes.some(({ id, group }) => id === name || group === name);
  const unknown = names.find((name) => !has(name));
  if (unknown !== undefined) throw new Error(`there is no shape ${unknown}`);
  return ({ id, group }) => names.includes(id) || names.includes(group);
}

const shortened = ({ warmUpRate: _, ...shape }: Shape): Shape => ({
  ...shape,
  load: { ...shape.load, warmUpMs: 1_000, forMs: 2_000 },
});
