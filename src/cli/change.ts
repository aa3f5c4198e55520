import { InvalidArgumentError, Option, type Command } from 'commander';
import { readSettings } from '../config/load';
import { exitCodes, FleetError } from '../fleet/errors';
import { serversOf, type PlannedServer } from '../fleet/plan';
import { rebalance as rebalanceFleet } from '../fleet/rebalance';
import { makeRelease } from '../fleet/release';
import { roll, type RollResult } from '../fleet/roll';
import {
  askEach,
  changeOf,
  drainServer,
  runningFleet,
  startServers,
  stopServers,
  type Change,
} from '../fleet/running';
import { planScale, scale as scaleFleet } from '../fleet/scale';
import { withLock } from './lock';
import { interruption, print, printJson, showStep } from './output';
import { timeSpan } from './time';

/** Commands that change a running fleet. Each prints its result, returns the exit code, and throws what went wrong. */

interface Options {
  /** ms */
  within: number;
  json?: boolean;
}

const WITHIN_MS = 30_000;
const MOST_SERVERS = 64;

export function changeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--within <time>', 'time in which people move to another server: 10s, 2m')
        .argParser(timeSpan)
        .default(WITHIN_MS, '30s'),
    )
    .option('--json', 'print one object for programs');
}

export function serverCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > MOST_SERVERS)
    throw new InvalidArgumentError(`A number from 1 to ${MOST_SERVERS} is needed.`);
  return count;
}

/** Makes the fleet have so many servers. */
export async function scale(wanted: number, options: Options & { dryRun?: boolean }): Promise<number> {
  const change = changeNow(options);
  const result = options.dryRun
    ? (await planScale(change, wanted))[2]
    : await withLock(change.settings.varDir, () => scaleFleet(wanted, change));
  if (options.json) {
    printJson({ schema: 'fleet.scale/1', dryRun: options.dryRun ?? false, ...result });
    return exitCodes.ok;
  }
  const { from, to, added, removed } = result;
  if (from === to) print(`The fleet has ${to} servers already.`);
  else {
    const what = added.length > 0 ? `new: ${added.join(' ')}` : `gone: ${removed.join(' ')}`;
    print(`${from} -> ${to} servers, ${what}`);
  }
  if (options.dryRun) print('Nothing was changed: this was a dry run.');
  return exitCodes.ok;
}

/** Brings all servers to what is built now. */
export async function deploy(options: Options): Promise<number> {
  const change = changeNow(options);
  const { varDir } = change.settings;
  const result = await withLock(varDir, async () => {
    await runningFleet(change.settings);
    return roll(makeRelease(varDir), false, change);
  });
  if (options.json) printJson({ schema: 'fleet.deploy/1', ...result });
  else if (result.started.length === 0) print(`All servers run this build already (${result.release}).`);
  else print(rolledText(result));
  return exitCodes.ok;
}

/** Starts every server anew, or one. */
export async function restart(name: string | undefined, options: Options): Promise<number> {
  const change = changeNow(options);
  const result = await withLock(change.settings.varDir, async () => {
    const { plan } = await runningFleet(change.settings);
    const release = plan.release ?? makeRelease(change.settings.varDir);
    if (name === undefined || plan.servers === 1) return roll(release, true, change);
    await restartOne(serverNamed(name, serversOf(plan)), change);
    return { release, before: release, started: [name] };
  });
  if (options.json) printJson({ schema: 'fleet.restart/1', ...result });
  else print(rolledText(result));
  return exitCodes.ok;
}

async function restartOne(server: PlannedServer, change: Change): Promise<void> {
  await change.step('drain', () => drainServer(server, 'restart', change));
  await change.step('stop', () => stopServers([server], change));
  await change.step('start', () => startServers([server], change));
}

/** Sends the people of a server to the others, and nobody new to it; or opens it again. */
export async function drain(name: string, options: Options & { undo?: boolean }): Promise<number> {
  const change = changeNow(options);
  return withLock(change.settings.varDir, async () => {
    const server = serverNamed(name, serversOf((await runningFleet(change.settings)).plan));
    if (options.undo) {
      const problem = await askEach([server], 'open', {}, change);
      if (problem !== '')
        throw new FleetError('failure', problem, 'Nothing was changed.', 'npx fleet status');
    } else await change.step('drain', () => drainServer(server, 'drain', change));
    if (options.json) printJson({ schema: 'fleet.drain/1', server: name, draining: !options.undo });
    else if (options.undo) print(`${name} takes people again.`);
    else
      print(
        `${name} takes nobody new. Undo: npx fleet drain ${name} --undo; start anew: npx fleet restart ${name}`,
      );
    return exitCodes.ok;
  });
}

/** Spreads people evenly, as far as they can be asked to move. */
export async function rebalance(options: Options): Promise<number> {
  const change = changeNow(options);
  const result = await withLock(change.settings.varDir, () => rebalanceFleet(change));
  if (options.json) printJson({ schema: 'fleet.rebalance/1', ...result });
  else {
    print(`connections before: ${result.before.join(' ')}\nconnections now:    ${result.after.join(' ')}`);
    print('Clients that do not know `move` (stock ones) stay: nginx leads them by their address (ip_hash).');
  }
  return exitCodes.ok;
}

function changeNow({ within }: Options): Change {
  return changeOf(readSettings(), { step: showStep, stop: interruption(), withinMs: within });
}

function serverNamed(name: string, servers: PlannedServer[]): PlannedServer {
  const server = servers.find((each) => each.name === name);
  if (server) return server;
  const known = servers.map((each) => each.name).join(', ');
  throw new FleetError(
    'usage',
    `There is no server ${name}; there are ${known}`,
    'Nothing was changed.',
    'npx fleet status',
  );
}

function rolledText({ started, release }: RollResult): string {
  return `${started.length} servers run ${release}: ${started.join(' ')}`;
}
