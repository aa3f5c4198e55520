import { createInterface } from 'node:readline';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { readSettings } from '../config/load';
import { settingsTable } from '../config/settings';
import { exitCodes, FleetError } from '../fleet/errors';
import { invitation } from '../fleet/invitation';
import { join } from '../fleet/join';
import { bringUp } from '../fleet/up';
import { serverCount } from './change';
import { withLock } from './lock';
import { interruption, print, printJson, showStep, showWarning } from './output';

interface Options {
  redis?: string;
  address?: string;
  servers?: number;
  json?: boolean;
}

export function joinOptions(command: Command): Command {
  return command
    .option(
      '--redis <url>',
      "address of the fleet's Redis; -: a line of stdin, so that nobody sees it in `ps`",
    )
    .addOption(
      new Option(
        '--address <address>',
        'of this machine, where nginx reaches its servers (default: the one from which it reaches that Redis)',
      ).argParser(parsed(settingsTable.serverHost.parse)),
    )
    .addOption(new Option('--servers <count>', 'how many (default: one per core)').argParser(serverCount));
}

const parsed =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(`Expected is ${(error as Error).message}.`);
    }
  };

/** What was typed, or the first line of stdin. It holds a password, which an error must not repeat. Throws FleetError. */
async function redisAddress(typed: string): Promise<string> {
  const text = typed === '-' ? await firstLine(process.stdin) : typed;
  try {
    return settingsTable.redisUrl.parse(text || '-'); // as a setting it may be empty
  } catch (error) {
    throw new FleetError(
      'usage',
      `--redis ...: expected ${(error as Error).message}`,
      'Nothing was changed.',
      'npx fleet join, on the machine with nginx: it prints what to type here',
    );
  }
}

async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input })) return line.trim();
  return '';
}

/**
 * Makes this machine a host of a fleet, and starts its servers; without an address of a Redis: prints what to type on another
 * machine. As all commands: prints its result on stdout, returns the exit code, and throws what went wrong.
 */
export async function joinFleet({ redis, address, servers, json }: Options): Promise<number> {
  if (redis === undefined) return invite(json);
  const wanted = await redisAddress(redis);
  const stop = interruption(
    'What this run had started was stopped again; this machine stays a host of the fleet.',
  );
  const request = {
    redis: wanted,
    ...(address !== undefined && { address }),
    ...(servers !== undefined && { servers }),
  };
  const loaded = readSettings();
  const result = await withLock(
    loaded.settings.varDir,
    async () => {
      const host = await join(request, loaded);
      return { host, ...(await bringUp(readSettings(), showStep, stop)) };
    },
    stop,
  );
  for (const warning of result.warnings) showWarning(warning);
  if (json) printJson({ schema: 'fleet.join/1', ...result });
  else print(`Host ${result.host} is in the fleet, with ${result.servers.length} servers.`);
  return exitCodes.ok;
}

function invite(json?: boolean): number {
  const command = invitation(readSettings());
  if (json) printJson({ schema: 'fleet.invitation/1', command });
  else print(command);
  return exitCodes.ok;
}
