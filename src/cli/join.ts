import { InvalidArgumentError, Option, type Command } from 'commander';
import { readSettings } from '../config/load';
import { settingsTable } from '../config/settings';
import { exitCodes } from '../fleet/errors';
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
    .addOption(new Option('--redis <url>', "address of the fleet's Redis").argParser(redisAddress))
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

function redisAddress(text: string): string {
  if (text === '') throw new InvalidArgumentError('Expected is redis://...');
  return parsed(settingsTable.redisUrl.parse)(text);
}

/**
 * Makes this machine a host of a fleet, and starts its servers; without an address of a Redis: prints what to type on another
 * machine. As all commands: prints its result on stdout, returns the exit code, and throws what went wrong.
 */
export async function joinFleet({ redis, address, servers, json }: Options): Promise<number> {
  if (redis === undefined) return invite(json);
  const stop = interruption(
    'What this run had started was stopped again; this machine stays a host of the fleet.',
  );
  const request = {
    redis,
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
