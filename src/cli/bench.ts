import { InvalidArgumentError, Option, type Command } from 'commander';
import { readSettings } from '../config/load';
import type { Settings } from '../config/settings';
import { exitCodes, FleetError } from '../fleet/errors';
import { issueToken } from '../fleet/token';
import { baseUrl } from '../fleet/url';
import { holds, parseAssert, type Assert } from '../load/raw/asserts';
import { targetOf, type Target } from '../load/raw/connection';
import { detectDialect } from '../load/raw/detect';
import { runLoad, type Load } from '../load/raw/run';
import { benchText, type BenchResult } from './bench-text';
import { print, printJson } from './output';
import { timeSpan } from './time';

interface BenchOptions {
  url?: string;
  users: number;
  rooms: number;
  rate: number;
  for: number;
  transport: 'websocket' | 'polling' | 'both';
  assert: Assert[];
  json?: boolean;
}

const whole =
  (most: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
    throw new InvalidArgumentError(`A whole number from 1 to ${most} is needed.`);
  };

function assertOf(text: string, earlier: Assert[]): Assert[] {
  try {
    return [...earlier, parseAssert(text)];
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** The options of `fleet bench`. */
export function benchOptions(command: Command): Command {
  return command
    .option('--url <url>', 'any Socket.IO chat server that knows sendMessage (default: this fleet)')
    .option('--users <count>', 'people who are connected', whole(9_000), 100)
    .option('--rooms <count>', 'rooms over which they are spread', whole(9_000), 1)
    .option('--rate <count>', 'messages a second, over all rooms', whole(100_000), 50)
    .addOption(new Option('--for <time>', 'how long').argParser(timeSpan).default(timeSpan('30s'), '30s'))
    .addOption(
      new Option('--transport <name>', 'how they connect')
        .choices(['websocket', 'polling', 'both'])
        .default('websocket'),
    )
    .option('--assert <condition>', "such as 'ack.p99<200ms'; can be repeated", assertOf, []);
}

/** What comes before the time that counts: code of servers is not compiled yet. */
const WARM_UP_MS = 2_000;

/** Loads a server and shows what came of it. Exit code 3: an assert does not hold, or messages went astray. */
export async function bench(options: BenchOptions): Promise<number> {
  const { settings } = readSettings();
  const url = options.url ?? baseUrl(settings);
  const target = targetOf(url);
  if (!target)
    throw new FleetError('usage', `${url} is not http://host:port.`, nothing, 'npx fleet bench --help');
  const auth =
    options.url === undefined && !settings.guests ? await tokens(settings, options.users) : undefined;
  const dialect = await dialectAt(target, url, auth?.(0) ?? { name: 'bench' });
  const load: Load = {
    users: options.users,
    rooms: dialect.join ? Math.min(options.rooms, options.users) : 1,
    rate: options.rate,
    transports: options.transport === 'both' ? ['websocket', 'polling'] : [options.transport],
    warmUpMs: WARM_UP_MS,
    forMs: options.for,
    ...(auth && { auth }),
  };
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const result = await runLoad([target], dialect, load, { progress });
  const asserts = options.assert.map((each) => ({ text: each.text, ...holds(each, result) }));
  const { auth: _, ...asked } = load;
  const shown: BenchResult = { url, rooms: dialect.join !== undefined, load: asked, result, asserts };
  if (options.json) printJson({ schema: 'fleet.bench/1', ...shown });
  else print(benchText(shown));
  const { gaps, backwards, seqBreaks, missing, refused } = result;
  // A refused message leaves a hole in its sender's numbers that is nobody's fault.
  const astray = backwards + seqBreaks + Math.abs(missing) + (refused > 0 ? 0 : gaps) > 0;
  return astray || asserts.some(({ ok }) => !ok) ? exitCodes.unhealthy : exitCodes.ok;
}

const nothing = 'Nothing was sent.';

async function dialectAt(target: Target, url: string, auth: object) {
  try {
    return await detectDialect(target, auth);
  } catch (error) {
    const reason = `No Socket.IO server that lets in answers at ${url}: ${(error as Error).message}`;
    throw new FleetError('precondition', reason, nothing, 'npx fleet status, or give --url');
  }
}

/** Where guests are not let in, users with tokens of this fleet. */
async function tokens(settings: Settings, users: number): Promise<(index: number) => object> {
  const request = (index: number) => ({ user: `bench-${index}`, forMs: 3_600_000 });
  const issued = await Promise.all(Array.from({ length: users }, (_, i) => issueToken(settings, request(i))));
  return (index) => ({ token: issued[index]!.token });
}
