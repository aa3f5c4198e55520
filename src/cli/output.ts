import { SettingsError } from '../config/load-settings';
import { exitCodes, FleetError } from '../fleet/errors';
import type { Warning } from '../fleet/sizing';
import type { Step } from '../fleet/step';

/** Results go to stdout, and nothing else does. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(result: object): void {
  print(JSON.stringify(result, null, 2));
}

/** Progress goes to stderr: a line a step, with the seconds it took. */
export const showStep: Step = async (name, work) => {
  const start = performance.now();
  const line = (mark: string, detail: string): void => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stderr.write(`${mark.padEnd(5)} ${name.padEnd(8)} ${seconds.padStart(5)} s  ${detail}\n`);
  };
  try {
    line('ok', await work());
  } catch (error) {
    line('FAIL', '');
    throw error;
  }
};

/** Something that the operator should know, and what to type about it. */
export function showWarning({ what, next }: Warning): void {
  process.stderr.write(`\nWarning: ${what}\nNext: ${next}\n`);
}

/** Says what failed, what stayed as it was and what to type next. Returns the exit code. */
export function showError(error: unknown): number {
  if (error instanceof FleetError) {
    process.stderr.write(`\n${error.message}\n${error.unchanged}\nNext: ${error.next}\n`);
    return exitCodes[error.kind];
  }
  if (error instanceof SettingsError) {
    process.stderr.write(
      `\n${error.message}\nNothing was changed.\nNext: correct it, then: npx fleet config\n`,
    );
    return exitCodes.usage;
  }
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write(`\nInterrupted. ${error.message}\n`);
    return 130;
  }
  if (error instanceof Error && 'syscall' in error) {
    process.stderr.write(`\n${error.message}\nNext: make that possible for this user, then: npx fleet up\n`);
    return exitCodes.failure;
  }
  process.stderr.write(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.stderr.write('This should not happen.\nNext: npx fleet status\n');
  return exitCodes.failure;
}

/**
 * Ctrl-C once, or the end of the terminal: the work stops at its next step and undoes what it began.
 * @param outcome what holds once the command has stopped, as `showError` is to say it.
 */
export function interruption(outcome = 'See how far it came: npx fleet status'): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new DOMException(outcome, 'AbortError'));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
  // To a terminal that is gone nothing can be said: no reason to leave the undo half done.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return controller.signal;
}
