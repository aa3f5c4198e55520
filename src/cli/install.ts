import { readSettings } from '../config/load';
import { exitCodes } from '../fleet/errors';
import { filesOf, install, uninstall } from '../fleet/install';
import { print, printJson } from './output';

interface Options {
  print?: boolean;
  remove?: boolean;
  user?: string;
  json?: boolean;
}

/** Writes the files with which the machine runs the fleet; or prints them, or takes them away. */
export function installCommand(options: Options): number {
  if (options.print) printFiles(options);
  else if (options.remove) removeFiles(options);
  else writeFiles(options);
  return exitCodes.ok;
}

function printFiles({ user, json }: Options): void {
  const files = filesOf(readSettings(), user);
  if (json) printJson({ schema: 'fleet.install/1', files });
  else print(files.map(({ path, text }) => `# ${path}\n${text}`).join('\n'));
}

function removeFiles({ json }: Options): void {
  const files = uninstall();
  if (json) return printJson({ schema: 'fleet.install/1', files });
  for (const { path, changed } of files) print(`${changed ? 'removed  ' : 'not there'}  ${path}`);
  print('The fleet does not start at boot any more. Its user and var/ stay.');
}

function writeFiles({ user: wanted, json }: Options): void {
  const { user, created, files, next } = install(readSettings(), wanted);
  if (json) return printJson({ schema: 'fleet.install/1', user, created, files, ...(next && { next }) });
  if (created) print(`created    user ${user}`);
  for (const { path, changed } of files) print(`${changed ? 'written  ' : 'unchanged'}  ${path}`);
  print(`The fleet starts at boot, as user ${user}.`);
  if (next) print(`Next: ${next}`);
}
