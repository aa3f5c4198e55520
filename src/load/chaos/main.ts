import { parseArgs } from 'node:util';
import { runLoadProgram } from '../program';
import { anySeed } from '../random';
import { faultKinds, type FaultKind } from './kinds';
import { inTable, passed } from './report';
import { runChaos, type ChaosOptions } from './run';

const USAGE = `usage: npm run chaos [-- OPTIONS]

Does real faults to a real fleet of its own under load, and checks that no promise was broken.
  --seed N       the same faults and traffic again (default: a new one; it is printed)
  --seconds N    how long (default: 600, with --long 1200)
  --clients N    default 200
  --servers N    default 4
  --long         faults of more than 30 s too
  --only A,B     these faults alone
  --without A,B  all faults but these
  --json         print one object for programs
Faults: ${faultKinds.join(', ')}
Exit code 0: no violation, and everything was whole again after each fault. 1: not so. 2: wrong usage.`;

type Wanted = Omit<ChaosOptions, 'say' | 'stop'> & { json: boolean };

const MESSAGES_PER_SECOND = 100;

/** Throws an Error whose message says what is wrong. */
function wanted(args: string[]): Wanted | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args,
    options: {
      ...{ seed: text, seconds: text, clients: text, servers: text, only: text, without: text },
      ...{ long: flag, json: flag, help: flag },
    },
  });
  if (values.help) return undefined;
  const { long, json } = values;
  const only = values.only === undefined ? faultKinds : kindsIn(values.only);
  const without = values.without === undefined ? [] : kindsIn(values.without);
  return {
    seed: whole('seed', values.seed, anySeed(), 0, 2 ** 32),
    seconds: whole('seconds', values.seconds, long ? 1_200 : 600, 20, 86_400),
    clients: whole('clients', values.clients, 200, 20, 5_000),
    servers: whole('servers', values.servers, 4, 2, 16),
    messagesPerSecond: MESSAGES_PER_SECOND,
    only: only.filter((kind) => !without.includes(kind)),
    ...{ long, json },
  };
}

function whole(name: string, text: string | undefined, usual: number, least: number, most: number): number {
  const number = text === undefined ? usual : Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`--${name}: a whole number from ${least} to ${most} is needed`);
}

function kindsIn(text: string): FaultKind[] {
  return text.split(',').map((name) => {
    const kind = faultKinds.find((each) => each === name);
    if (!kind) throw new Error(`there is no fault ${name}`);
    return kind;
  });
}

async function run({ json, ...options }: Wanted): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => stopping.abort(new Error('stopped')));
  say(`seed ${options.seed}`);
  const result = await runChaos({ ...options, say, stop: stopping.signal });
  console.log(json ? JSON.stringify({ schema: 'load.chaos/1', ...result }) : inTable(result));
  process.exitCode = passed(result) ? 0 : 1;
}

void runLoadProgram({ usage: USAGE, wanted, run });
