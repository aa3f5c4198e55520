import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Where administrators' programs are, nginx among them: often outside of the PATH of other users. */
export const PROGRAM_PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

export interface Ran {
  /** Whether the program ended with success. */
  ok: boolean;
  /** All it said; or why it could not be run. */
  said: string;
}

/** Runs a short program to its end. */
export function runProgram(name: string, ...args: string[]): Ran {
  const { error, status, stdout, stderr } = spawnSync(name, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: PROGRAM_PATH },
  });
  return error ? { ok: false, said: error.message } : { ok: status === 0, said: `${stdout}${stderr}`.trim() };
}

/**
 * Runs a program that may take long, with an open file as its output; `said` is what it said on stderr. Rejects with an
 * AbortError, and ends the program, when told to stop.
 */
export async function runInto(
  output: number,
  stop: AbortSignal,
  name: string,
  ...args: string[]
): Promise<Ran> {
  const env = { ...process.env, PATH: PROGRAM_PATH };
  const child = spawn(name, args, { env, signal: stop, stdio: ['ignore', output, 'pipe'] });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { ok: status === 0, said: said.trim() };
}
