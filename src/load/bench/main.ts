import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, wasLate } from './measure';
import { installPackages, packagesFolder } from './packages';
import type { Line } from './results';
import { groups, shapes, type Shape } from './shapes';
import { startSide, withoutLimits } from './sides';
import { figuresTable, goalsTable, short } from './table';

const USAGE = `usage: npm run bench [-- OPTIONS]

Measures what a delivered message costs, beside what people would use instead, and how long it takes.
  --only A,B   these shapes or groups alone: ${groups.join(', ')}
  --runs N     how often each is measured (default 3)
  --quick      one short run of each, to see that it works`;

interface Wanted {
  shapes: Shape[];
  runs: number;
}

/** Throws an Error whose message says what is wrong. */
function wanted(args: string[]): Wanted | undefined {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      runs: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const runs = values.quick ? 1 : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 100)
    throw new Error('--runs: a number from 1 to 100 is needed');
  const chosen = values.only === undefined ? shapes : values.only.split(',').flatMap(named);
  return { shapes: values.quick ? chosen.map(quick) : chosen, runs };
}

function named(name: string): Shape[] {
  const found = shapes.filter(({ id, group }) => id === name || group === name);
  if (found.length === 0) throw new Error(`there is no shape ${name}`);
  return found;
}

const quick = (shape: Shape): Shape => ({ ...shape, load: { ...shape.load, warmUpMs: 1_000, forMs: 2_000 } });

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function run({ shapes: chosen, runs }: Wanted): Promise<void> {
  installPackages(say);
  say(`Rate limits are off in the servers that are measured (${Object.entries(withoutLimits).join()}).`);
  const lines: Line[] = [];
  for (const shape of chosen) {
    await runShape(shape, runs, (line) => {
      lines.push(line);
      keep(line);
    });
    console.log(`\n${shape.id}: ${shape.about}\n`);
    console.log(
      figuresTable(shape, lines, ['serversUs', 'fleetUs', 'p50', 'p99', 'ackP99', 'deliveries']).join('\n'),
    );
  }
  console.log(`\n${goalsTable(chosen, lines).join('\n')}`);
}

/** All sides run side by side, and are loaded in turn. */
async function runShape(shape: Shape, runs: number, result: (line: Line) => void): Promise<void> {
  say(`${shape.id}: ${shape.about}`);
  const sides = [];
  try {
    for (const side of shape.sides) sides.push({ side, running: await startSide(side, shape.layout) });
    for (let run = 1; run <= runs; run++) {
      for (const { side, running } of sides) {
        const told = (words: string): void => say(`  ${shape.id} run ${run} of ${runs}, ${side}: ${words}`);
        const { figures, faults, load } = await measure(side, running, shape.load, told);
        if (faults.length > 0) told(`does not count: ${[...faults, ...load.problems].join(', ')}`);
        if (wasLate(load.generator))
          told(`the generator sent ${short(load.generator.late)} ms late: no latency`);
        const at = new Date().toISOString();
        const { generator } = load;
        result({ schema: 'chatfleet.bench/1', at, shape: shape.id, side, run, figures, faults, generator });
      }
    }
  } finally {
    for (const { running } of sides) await running.stop();
  }
}

/** Every run, one line each. */
function keep(line: Line): void {
  mkdirSync(packagesFolder, { recursive: true });
  appendFileSync(join(packagesFolder, 'results.jsonl'), `${JSON.stringify(line)}\n`);
}

async function main(): Promise<void> {
  let options: Wanted | undefined;
  try {
    options = wanted(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  if (options) await run(options);
  else console.log(USAGE);
}

for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(1));
main()
  .catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
  })
  .finally(() => process.exit());
