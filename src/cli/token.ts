import { InvalidArgumentError, Option, type Command } from 'commander';
import { readSettings } from '../config/load';
import { exitCodes } from '../fleet/errors';
import { issueToken, type TokenRequest } from '../fleet/token';
import { print, printJson } from './output';
import { timeSpan } from './time';

/** The options of `fleet token`. */
export function tokenOptions(command: Command): Command {
  return command
    .requiredOption('--user <id>', 'who it is for: the `sub` of the token')
    .option('--name <name>', 'what others see (default: the id)')
    .option('--rooms <patterns>', 'rooms he may join, such as team-*,x (default: all)', patterns)
    .addOption(new Option('--role <role>', 'what he may do beyond others').choices(['moderator']))
    .addOption(
      new Option('--for <time>', 'how long it holds, such as 30s, 5m, 12h, 7d')
        .argParser(timeSpan)
        .default(timeSpan('1h'), '1h'),
    );
}

/** Prints a token and nothing else, so that a script can take it as it is. */
export async function token(
  options: Omit<TokenRequest, 'forMs'> & { for: number; json?: boolean },
): Promise<number> {
  const { for: forMs, json, ...who } = options;
  const issued = await issueToken(readSettings().settings, { ...who, forMs });
  if (json) printJson({ schema: 'fleet.token/1', ...issued });
  else print(issued.token);
  return exitCodes.ok;
}

function patterns(text: string): string[] {
  const all = text.split(',').map((each) => each.trim());
  if (all.includes('')) throw new InvalidArgumentError('One of the patterns is empty.');
  return all;
}
