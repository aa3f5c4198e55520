import { spawnSync } from 'node:child_process';

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
