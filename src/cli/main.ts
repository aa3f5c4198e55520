#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { readSettings } from '../config/load';
import { exitCodes } from '../fleet/errors';
import { autoscale, autoscaleOptions } from './autoscale';
import { bench, benchOptions } from './bench';
import { changeOptions, deploy, drain, rebalance, restart, scale, serverCount } from './change';
import { backup, config, down, nginx, nginxInclude, status, up } from './commands';
import { doctor } from './doctor';
import { installCommand } from './install';
import { joinFleet, joinOptions } from './join';
import { languageOption } from './report/language';
import { showLogs } from './logs';
import { ops } from './ops';
import { showError } from './output';
import { token, tokenOptions } from './token';
import { kickUser, showBans, unbanUser } from './people';
import { timeSpan } from './time';
import { reportOptions } from './report/options';
import { report } from './report/report';
import { sample } from './sample';

const examples = `Examples:
  fleet up                        start everything that does not run yet, and check it
  fleet status                    how every server is doing
  fleet status --json             the same for programs
  fleet scale 6                   have six servers; no connection ends at once
  fleet deploy                    after npm run build: bring all servers to it, one after the other
  fleet logs chat-3001 --follow   what one server says
  fleet token --user ann          a token with which ann chats as herself
  fleet kick guest:Ann --for 1h   end somebody's connections, and keep him out for an hour
  fleet report                    why chat is slow, and how many servers the peak needs
  fleet report --calls access.log --cpu sar.txt   the same of the server that you have now
  fleet ops                       the address of the operator's page
  fleet doctor                    what is wrong at the moment, and what to do
  fleet nginx reload              let nginx use the configuration of nginx/nginx.conf.template
  fleet join                      what to type on another machine, so that it carries a part
  fleet down                      stop everything; messages are kept
`;
const exits = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 finished but unhealthy, 4 precondition not met, 5 timeout
`;

function lineCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.');
  return Number(text);
}

/** Lets a command's result become the exit code. */
function exitWith<A extends unknown[]>(command: (...args: A) => number | Promise<number>) {
  return async (...args: A): Promise<void> => {
    process.exitCode = await command(...args);
  };
}

/** What can be typed. */
function commandLine(): Command {
  const fleet = new Command('fleet')
    .description('Starts, watches and stops the chat servers of this folder, their Redis and their nginx.')
    .addHelpText('before', examples)
    .addHelpText('after', exits)
    .exitOverride();
  const json = 'print one object for programs';
  fleet
    .command('up')
    .description('start what does not run, and check it')
    .option('--json', json)
    .action(exitWith(up));
  joinOptions(fleet.command('join'))
    .description(
      'make this machine a host of a fleet on another one; without --redis: print what to type there to join this one',
    )
    .option('--json', json)
    .action(exitWith(joinFleet));
  fleet.command('down').description('stop everything').option('--json', json).action(exitWith(down));
  fleet.command('status').description('show every server').option('--json', json).action(exitWith(status));
  fleet.command('config').description('show every setting').option('--json', json).action(exitWith(config));
  changeOptions(fleet.command('scale'))
    .argument('<servers>', 'how many', serverCount)
    .description(
      'have more or fewer servers; people who chat keep their connections, but for those of servers that go',
    )
    .option('--dry-run', 'only say what would happen')
    .action(exitWith(scale));
  changeOptions(fleet.command('deploy'))
    .description('bring all servers to what is built now, one after the other')
    .action(exitWith(deploy));
  changeOptions(fleet.command('restart [name]'))
    .description('start one server anew, or all, one after the other')
    .action(exitWith(restart));
  changeOptions(fleet.command('drain <name>'))
    .description('send the people of a server to the others, and nobody new to it')
    .option('--undo', 'let people in again')
    .action(exitWith(drain));
  changeOptions(fleet.command('rebalance'))
    .description('ask people on full servers to move to emptier ones')
    .action(exitWith(rebalance));
  fleet
    .command('logs [name]')
    .description('show the log of one app, or of all')
    .option('--lines <count>', 'last lines of each', lineCount, 20)
    .option('--follow', 'go on until interrupted')
    .action(
      exitWith((name: string | undefined, options: { lines: number; follow?: boolean }) =>
        showLogs(readSettings().settings.varDir, name, options.lines, options.follow ?? false),
      ),
    );
  tokenOptions(fleet.command('token'))
    .description(
      'print a token for a user: for clients io(url, { auth: { token } }), for the page #token=... behind its address',
    )
    .option('--json', json)
    .action(exitWith(token));
  fleet
    .command('kick <user>')
    .description('end all connections of a user, named by his id')
    .addOption(new Option('--for <time>', 'ban him as well: 90s, 15m, 1h, 7d').argParser(timeSpan))
    .addOption(new Option('--forever', 'ban him until he is unbanned').conflicts('for'))
    .option('--json', json)
    .action(exitWith(kickUser));
  fleet
    .command('unban <user>')
    .description('let a banned user in again')
    .option('--json', json)
    .action(exitWith(unbanUser));
  fleet.command('bans').description('show who is banned').option('--json', json).action(exitWith(showBans));
  fleet
    .command('sample')
    .description('append one line for each server to the record, as the monitor does')
    .option('--json', json)
    .action(exitWith(sample));
  reportOptions(fleet.command('report'))
    .description(
      'why chat is slow: usage and CPU, hour by hour, what costs it, and how many servers the peak needs',
    )
    .option('--json', json)
    .action(exitWith(report));
  fleet
    .command('doctor')
    .description('look for what makes chat slow or unsafe, and say what to do')
    .addOption(languageOption())
    .option('--json', json)
    .action(exitWith(doctor));
  fleet
    .command('ops')
    .description(
      "print the address of the operator's page, with what opens it; for a browser of this machine",
    )
    .option('--json', json)
    .action(exitWith(ops));
  benchOptions(fleet.command('bench'))
    .description('load this fleet, or any Socket.IO chat server, and measure')
    .option('--json', json)
    .action(exitWith(bench));
  autoscaleOptions(fleet.command('autoscale'))
    .description('what scaling by the load would have done in the recorded days; advice only')
    .option('--json', json)
    .action(exitWith(autoscale));
  fleet
    .command('backup <file>')
    .description('pack messages, secrets and plan into one file, also while the fleet runs')
    .option('--json', json)
    .action(exitWith(backup));
  fleet
    .command('install')
    .description(
      'let systemd run the fleet from boot on, as a user without rights, and rotate its logs; needs root',
    )
    .addOption(new Option('--print', 'print the files instead; needs no rights').conflicts('remove'))
    .option('--remove', 'undo it')
    .option('--user <name>', 'who it runs as (default: the owner of this folder, or chatfleet, who is made)')
    .option('--json', json)
    .action(exitWith(installCommand));
  const conf = fleet.command('nginx').description('the configuration of nginx');
  conf
    .command('render')
    .description('print it')
    .option('--include [name]', 'what another nginx includes instead, to serve the chat under this name')
    .action(
      exitWith(({ include }: { include?: string | true }) =>
        include === undefined ? nginx('render') : nginxInclude(include === true ? '_' : include),
      ),
    );
  conf
    .command('test')
    .description('let nginx test it')
    .action(exitWith(() => nginx('test')));
  conf
    .command('reload')
    .description('put it to use; no connection ends at once, each WebSocket is asked to move once later')
    .action(exitWith(() => nginx('reload')));
  return fleet;
}

async function main(): Promise<void> {
  try {
    await commandLine().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
    else process.exitCode = showError(error);
  }
}

void main();
