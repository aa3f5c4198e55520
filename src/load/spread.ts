import { parseArgs } from 'node:util';
import { Story, type StoryOptions, type StoryResult } from './story';

const USAGE = `usage: spread [--url http://localhost:8080] [--rate 100] [--for 60] [--json]

The load test of the story, spread over many source networks: --rate people a second arrive for --for
seconds, each sends "helloTest" and stays 5 s. Exit code 0: nobody failed, and no message went astray.`;

interface Wanted extends StoryOptions {
  json: boolean;
}

/** Throws an Error with the usage. */
function wanted(args: string[]): Wanted {
  const options = {
    url: { type: 'string', default: 'http://localhost:8080' },
    rate: { type: 'string', default: '100' },
    for: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args, options });
  const numbers = [Number(values.rate), Number(values.for)];
  const sound = URL.canParse(values.url) && numbers.every((number) => Number.isFinite(number) && number > 0);
  if (!sound || values.help) throw new Error('please give a URL and numbers above 0');
  return { url: values.url, arrivalsPerSecond: numbers[0]!, forSeconds: numbers[1]!, json: values.json };
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

function inWords({ arrivals, failed, reasons, ack, servers, skew, late, checked }: StoryResult): string {
  const shares = Object.entries(servers).sort(([a], [b]) => a.localeCompare(b));
  return [
    `arrivals   ${arrivals}, failed ${failed}, late (p99) ${ms(late)}`,
    ...reasons.map((reason) => `           ${reason}`),
    `acks       p50 ${ms(ack.p50)}, p99 ${ms(ack.p99)}`,
    `servers    ${shares.map(([server, count]) => `${server} ${count}`).join(', ')}; skew ${skew.toFixed(2)}`,
    `checked    ${checked.sends} sent, ${checked.committed} committed, ${checked.shown} shown, ` +
      `${checked.violations} violations`,
    ...checked.examples.map((example) => `           ${example}`),
  ].join('\n');
}

async function main(): Promise<void> {
  const { json, ...options } = wanted(process.argv.slice(2));
  const story = new Story(options, (arrived, present, failed) =>
    process.stderr.write(`arrived ${arrived}, present ${present}, failed ${failed}\n`),
  );
  const result = await story.play();
  console.log(json ? JSON.stringify({ schema: 'load.spread/1', ...result }) : inWords(result));
  process.exitCode = result.failed > 0 || result.checked.violations > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
});
