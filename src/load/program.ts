export interface LoadProgram<O> {
  usage: string;
  /** Undefined: help is wanted. Throws an Error whose message says what is wrong. */
  wanted: (args: string[]) => O | undefined;
  run: (options: O) => Promise<void>;
}

/** Runs a command line to the end of this process. Exit code 2: wrong usage; 1: it failed; else what `run` sets. */
export async function runLoadProgram<O>({ usage, wanted, run }: LoadProgram<O>): Promise<void> {
  try {
    const options = parsed(usage, () => wanted(process.argv.slice(2)));
    if (options) await run(options);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  } finally {
    process.exit(); // a run that was stopped leaves timers of its traffic behind
  }
}

function parsed<O>(usage: string, parse: () => O | undefined): O | undefined {
  try {
    const options = parse();
    if (!options) console.log(usage);
    return options;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}
