import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes, FleetError } from '../fleet/errors';

/** Shows the last lines of the logs of one app, or of all; with `follow` until it is interrupted. */
export async function showLogs(
  varDir: string,
  name: string | undefined,
  lines: number,
  follow: boolean,
): Promise<number> {
  const folder = join(varDir, 'log');
  const known = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.log')) : [];
  const files = name === undefined ? known : known.filter((file) => file === `${name}.log`);
  if (files.length === 0) throw noLog(name, known);
  const options = ['-n', `${lines}`, ...(follow ? ['-F'] : [])];
  const tail = spawn('tail', [...options, ...files], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(tail, 'exit')) as [number | null];
  return code ?? exitCodes.ok;
}

function noLog(name: string | undefined, known: string[]): FleetError {
  const names = known.map((file) => file.replace(/\.log$/, '')).join(', ');
  return new FleetError(
    'precondition',
    name === undefined ? 'There are no logs yet.' : `There is no log of ${name}.`,
    'Nothing was changed.',
    names === '' ? 'npx fleet up' : `npx fleet logs NAME, with one of: ${names}`,
  );
}
