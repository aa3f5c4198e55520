import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { FleetError } from '../../fleet/errors';

export interface FileLine {
  text: string;
  /** Name of the file and number of the line, for who has to look there. */
  place: string;
}

/** The lines of a file, one after the other, however large it is; of `.gz` what is packed in it. Throws FleetError. */
export async function* linesOf(file: string): AsyncGenerator<FileLine> {
  const raw = createReadStream(file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  // Neither pipe nor readline hand on what went wrong before them.
  raw.on('error', (error) => input.destroy(error));
  const lines = createInterface({ input, crlfDelay: Infinity });
  let problem: Error | undefined;
  input.on('error', (error: Error) => {
    problem = error;
    lines.close();
  });
  let number = 0;
  try {
    for await (const text of lines) {
      number++;
      const place = `${basename(file)}:${number}`;
      yield { text: number === 1 ? text.replace(/^\uFEFF/, '') : text, place };
    }
  } catch (error) {
    problem ??= error as Error;
  } finally {
    raw.destroy();
  }
  if (problem) throw unreadable(basename(file), problem.message, 'name a file that this user may read');
}

/** What is wrong with a file, and what a right one looks like. */
export function unreadable(place: string, problem: string, next: string): FleetError {
  return new FleetError('usage', `${place}: ${problem}`, 'Nothing was changed.', next);
}
