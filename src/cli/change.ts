import { InvalidArgumentError, Option, type Command } from 'commander';
import { readSettings } from '../config/load';
import { settingsTable } from '../config/settings';
import { exitCodes, FleetError, noPlan } from '../fleet/errors';
import { serversOf, type Plan, type PlannedServer } from '../fleet/plan';
import { readPlan } from '../fleet/prepare';
import { rebalance as rebalanceFleet } from '../fleet/rebalance';
import { makeRelease } from '../fleet/release';
import { roll, type RollResult } from '../fleet/roll';
import {
  changeOf,
  drainServer,
  runningFleet,
  startServers,
  stopServers,
  turnDoors,
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

const UNDONE = 'The fleet is as it was.';
const WITHIN_MS = 30_000;
/** As much as servers take (src/server/edge/operator.ts). */
const MOST_WITHIN_MS = 3_600_000;

export function changeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--within <time>', 'time in which people move to another server: 10s, 2m')
        .argParser(timeToMove)
        .default(WITHIN_MS, '30s'),
    )
    .option('--json', 'print one object for programs');
}

function timeToMove(text: string): number {
  const ms = timeSpan(text);
  if (ms > MOST_WITHIN_MS) throw new InvalidArgumentError('At most 1h is possible.');
  return ms;
}

/** As SERVERS takes it. */
export function serverCount(text: string): number {
  try {
    return settingsTable.servers.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`Expected is ${(error as Error).message}.`);
  }
}

/** Makes the fleet have so many servers. */
export async function scale(wanted: number, options: Options & { dryRun?: boolean }): Promise<number> {
  const change = changeNow(options, UNDONE);
  const result = options.dryRun
    ? await planScale(wanted, change)
    : await withLock(change.settings.varDir, () => scaleFleet(wanted, change), change.stop);
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
  const change = changeNow(options, UNDONE);
  const { varDir } = change.settings;
  const result = await withLock(
    varDir,
    () => roll((plan) => makeRelease(varDir, plan), false, change),
    change.stop,
  );
  if (options.json) printJson({ schema: 'fleet.deploy/1', ...result });
  else if (result.started.length === 0) print(`All servers run this build already (${result.release}).`);
  else print(rolledText(result));
  return exitCodes.ok;
}

/** Starts every server anew, or one. */
export async function restart(name: string | undefined, options: Options): Promise<number> {
  const change = changeNow(options, name === undefined ? UNDONE : 'The other servers go on.');
  const { varDir } = change.settings;
  const releaseOf = (plan: Plan): string => plan.release ?? makeRelease(varDir, plan);
  const result = await withLock(
    varDir,
    async () => {
      // The people of the only server have nowhere to go without a spare one.
      if (name === undefined || readPlan(varDir)?.servers === 1) return roll(releaseOf, true, change);
      const { plan } = await runningFleet(change.settings);
      await restartOne(plannedServer(name, serversOf(plan)), change);
      const release = releaseOf(plan);
      return { release, before: release, started: [name] };
    },
    change.stop,
  );
  if (options.json) printJson({ schema: 'fleet.restart/1', ...result });
  else print(rolledText(result));
  return exitCodes.ok;
}

async function restartOne(server: PlannedServer, change: Change): Promise<void> {
  await drainOrOpen(server, 'restart', change);
  await change.step('stop', () => stopServers([server], change));
  try {
    await change.step('start', () => startServers([server], change));
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    throw new FleetError(
      error.kind,
      error.message,
      'The other servers go on; PM2 tries this one again.',
      error.next,
    );
  }
}

/** Interrupted, it lets people in again. */
async function drainOrOpen(server: PlannedServer, reason: string, change: Change): Promise<void> {
  try {
    await change.step('drain', () => drainServer(server, reason, change));
  } catch (error) {
    await turnDoors([server], 'open', change);
    throw error;
  }
}

/** Sends the people of a server to the others, and nobody new to it; or opens it again. */
export async function drain(name: string, options: Options & { undo?: boolean }): Promise<number> {
  const change = changeNow(options, 'The server takes people again.');
  const { varDir } = change.settings;
  await withLock(
    varDir,
    async () => {
      const plan = options.undo ? readPlan(varDir) : (await runningFleet(change.settings)).plan;
      if (!plan) throw noPlan('there is no server to open');
      const server = plannedServer(name, serversOf(plan));
      if (options.undo) await turnDoors([server], 'open', change);
      else await drainOrOpen(server, 'drain', change);
    },
    change.stop,
  );
  if (options.json) printJson({ schema: 'fleet.drain/1', server: name, draining: !options.undo });
  else if (options.undo) print(`${name} takes people again.`);
  else
    print(
      `${name} takes nobody new. Undo: npx fleet drain ${name} --undo; start anew: npx fleet restart ${name}`,
    );
  return exitCodes.ok;
}

/** Spreads people evenly, as far as they can be asked to move. */
export async function rebalance(options: Options): Promise<number> {
  const change = changeNow(options, 'Who was asked to move moves.');
  const result = await withLock(change.settings.varDir, () => rebalanceFleet(change), change.stop);
  if (options.json) printJson({ schema: 'fleet.rebalance/1', ...result });
  else {
    print(`connections before: ${result.before.join(' ')}\nconnections now:    ${result.after.join(' ')}`);
    if (result.leftOut.length > 0)
      print(`Nobody was sent to ${result.leftOut.join(' ')}: see npx fleet status`);
    print('Clients that do not know `move`, as stock ones, stay where they are.');
  }
  return exitCodes.ok;
}

/** `outcome`: what holds after an interruption. */
function changeNow({ within }: Options, outcome: string): Change {
  return changeOf(readSettings(), { step: showStep, stop: interruption(outcome), withinMs: within });
}

function plannedServer(name: string, servers: PlannedServer[]): PlannedServer {
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
