import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { USAGE, wanted, type Wanted } from './arguments';
import { writeDocs } from './docs';
import type { Metric } from './measure';
import { installPackages, packagesFolder } from './packages';
import { play, type Beaten } from './play';
import { runLoadProgram } from '../program';
import type { Line } from './results';
import { withoutLimits } from './sides';
import { figuresTable, goalsTable } from './table';

const shown: Metric[] = ['serversUs', 'fleetUs', 'p50', 'p99', 'ackP99', 'deliveries', 'acks'];

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function run({ shapes, runs, write }: Wanted): Promise<void> {
  if (shapes.some(({ sides }) => sides.some((side) => side === 'U' || side === 'C'))) installPackages(say);
  const limits = Object.entries(withoutLimits).map((pair) => pair.join('='));
  console.log(`Rate limits are off in the servers that are measured (${limits.join(', ')}).`);
  const lines: Line[] = [];
  const beaten: Beaten = new Set();
  for (const shape of shapes) {
    await play(shape, beaten, { runs, say, result: (line) => lines.push(keep(line)) });
    // Not at the end: what was measured stays if the rest is interrupted.
    if (write) writeDocs(lines.filter((line) => line.shape === shape.id));
    console.log(`\n${shape.id}: ${shape.about}\n`);
    console.log(figuresTable(shape, lines, shape.metrics ?? shown).join('\n'));
  }
  console.log(`\n${goalsTable(shapes, lines).join('\n')}`);
  if (lines.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

/** Every run, one line each. */
function keep(line: Line): Line {
  mkdirSync(packagesFolder, { recursive: true });
  appendFileSync(join(packagesFolder, 'results.jsonl'), `${JSON.stringify(line)}\n`);
  return line;
}

for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(1));
void runLoadProgram({ usage: USAGE, wanted, run });
