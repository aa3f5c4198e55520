import { loadavg } from 'node:os';
import { measure, wasLate } from './measure';
import type { Line } from './results';
import type { Shape } from './shapes';
import { startSide, type Running, type SideName } from './sides';
import { short } from './table';

export interface Playing {
  runs: number;
  /** Progress, a line at a time. */
  say: (line: string) => void;
  /** Is told of every run. */
  result: (line: Line) => void;
}

/** Sides that could not keep up with a lower rate of a curve: the first rate past the limit is enough. */
export type Beaten = Set<string>;

/** Measures a shape: all its sides run side by side and are loaded in turn, so that what changes hits them all. */
export async function play(shape: Shape, beaten: Beaten, playing: Playing): Promise<void> {
  const { say } = playing;
  say(`${shape.id}: ${shape.about}`);
  const names = shape.sides.filter((side) => !beaten.has(`${shape.group} ${side}`));
  const sides = new Map<SideName, Running>();
  const runs = shape.runs ?? playing.runs;
  try {
    for (const name of names) sides.set(name, await start(shape, name, say));
    for (let run = 1; run <= runs; run++)
      for (const [name, running] of sides) {
        const told = (words: string): void => say(`  ${shape.id} ${run}/${runs} ${name}: ${words}`);
        const line = await once(shape, name, running, run, told);
        playing.result(line);
        if (shape.group === 'curve' && fellBehind(line, shape)) beaten.add(`${shape.group} ${name}`);
        if (running.died() !== undefined || shape.fresh)
          sides.set(name, await again(shape, name, running, say));
      }
  } finally {
    for (const running of sides.values()) await running.stop();
  }
}

type Say = Playing['say'];

const warmUp = { warmUpMs: 0, forMs: 12_000 };

/** Whatever comes of its warm-up: what matters is seen when it is measured. */
async function start(shape: Shape, name: SideName, say: Say): Promise<Running> {
  const { id, load, warmUpRate: rate } = shape;
  const running = await startSide(name, shape.layout);
  const told = (words: string): void => say(`  ${id} warm-up ${name}: ${words}`);
  if (rate !== undefined)
    await measure(name, running, { ...load, rate, ...warmUp }, told).catch((error: Error) =>
      told(error.message),
    );
  return running;
}

async function once(
  shape: Shape,
  side: SideName,
  running: Running,
  run: number,
  told: (words: string) => void,
): Promise<Line> {
  const common = {
    schema: 'chatfleet.bench/1',
    loadAverage: loadavg()[0]!,
    at: new Date().toISOString(),
    shape: shape.id,
    side,
    run,
  } as const;
  try {
    const { load, ...measured } = await measure(side, running, shape.load, told);
    const died = running.died();
    if (died !== undefined) measured.faults.push(`it died: ${died}`);
    const { faults, behind } = measured;
    if (faults.length > 0) told(`does not count: ${[...faults, ...load.problems].join(', ')}`);
    if (behind) told(`could not keep up: ${load.delivered} of ${load.delivered + load.missing} delivered`);
    if (wasLate(load.generator, load.delivery.p99))
      told(`the generator sent ${short(load.generator.late)} ms late: no latency`);
    return { ...common, ...measured, generator: load.generator };
  } catch (error) {
    const fault = running.died() ?? (error as Error).message;
    told(`could not be measured: ${fault}`);
    return { ...common, figures: {}, faults: [fault], behind: false, generator: { cpu: 0, late: 0 } };
  }
}

function fellBehind({ figures, behind }: Line, { load }: Shape): boolean {
  const offered = load.rate === 'asAcknowledged' ? 0 : (load.rate * load.users) / load.rooms;
  return behind || (figures.deliveries ?? 0) < 0.9 * offered;
}

async function again(shape: Shape, name: SideName, running: Running, say: Say): Promise<Running> {
  await running.stop();
  return start(shape, name, say);
}
