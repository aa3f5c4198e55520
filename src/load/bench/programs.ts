import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../fleet/probe';
import { PROGRAM_PATH } from '../../fleet/programs';
import { waitUntil } from '../waiting';

const LISTENS_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 5_000;

/** A program that runs for a benchmark; `pid` is its own, children may belong to it. */
export interface Program {
  pid: number;
  /** Why it runs no more, with the end of what it said. */
  died(): string | undefined;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
const folders = new Set<string>();
// Whatever ends this process: nothing is left behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone when this process has ended. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), name));
  folders.add(folder);
  return folder;
}

/** Starts a program that listens on a loopback port; resolves when it does. Throws with the end of what it said. */
export async function startProgram(
  folder: string,
  port: number,
  [command, ...args]: [string, ...string[]],
  env: Record<string, string> = {},
): Promise<Program> {
  const log = join(folder, `${port}.log`);
  const out = openSync(log, 'a');
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, PATH: PROGRAM_PATH, ...env },
    stdio: ['ignore', out, out],
  });
  running.add(child);
  let failed = '';
  child.on('error', (error) => (failed = error.message));
  child.on('exit', (code) => {
    running.delete(child);
    failed ||= `exit code ${code}`;
  });
  const listens = async (): Promise<boolean> => failed !== '' || isListening(port);
  if (!(await until(listens, LISTENS_WITHIN_MS))) failed = 'it does not listen';
  const died = (): string | undefined =>
    failed === '' ? undefined : `${command} ${args[0] ?? ''}: ${failed}\n${lastLines(log)}`;
  if (failed === '') return { pid: child.pid!, died, stop: () => end(child) };
  await end(child);
  throw new Error(`it did not start: ${died()}`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (!(await waitUntil(() => !running.has(child), ENDS_WITHIN_MS))) child.kill('SIGKILL');
  await waitUntil(() => !running.has(child), ENDS_WITHIN_MS);
}

const lastLines = (file: string): string => readFileSync(file, 'utf8').split('\n').slice(-10).join('\n');
