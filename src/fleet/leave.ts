import type { Settings } from '../config/settings';
import { serversOf } from './plan';
import { readPlan } from './prepare';
import { fleetProcesses } from './processes';
import {
  isJoinedPlan,
  registerHost,
  registrationOf,
  unregisterHost,
  writeRegistration,
} from './registration';
import { drainServer, turnDoors } from './running';
import type { Step } from './step';

/** People are asked to move to other hosts within this time. */
const MOVE_WITHIN_MS = 10_000;

/**
 * Before a joined host stops: nginx leads nobody new here, and its people move to the others. If the side of nginx does not
 * answer they cannot be spared a reconnect; that is no reason to go on running. Throws an AbortError.
 */
export async function leaveFleet(settings: Settings, step: Step, stop: AbortSignal): Promise<void> {
  const plan = readPlan(settings.varDir);
  if (!plan || !isJoinedPlan(plan)) return;
  if (!fleetProcesses(settings.varDir).some(({ kind }) => kind === 'server')) return;
  const servers = serversOf(plan);
  const ports = servers.map(({ port }) => port);
  const host = { address: plan.address, ports: [], leaving: [...ports, ...(plan.leaving ?? [])] };
  const change = { settings, asked: {}, step, stop, withinMs: MOVE_WITHIN_MS };
  try {
    await step('leave', () =>
      registerHost(host, settings, stop).then(() => 'nobody new is led here', orGoOn(stop)),
    );
    await step('drain', async () => {
      const drained = await Promise.all(servers.map((server) => drainServer(server, 'leave', change)));
      return drained.join('; ');
    });
  } catch (error) {
    writeRegistration(settings.varDir, registrationOf(plan));
    await turnDoors(servers, 'open', change);
    throw error;
  }
}

/** After it has stopped: its entry goes. Without Redis it goes by itself, when the lease is over. */
export async function forgetHost(settings: Settings): Promise<void> {
  const plan = readPlan(settings.varDir);
  if (plan && isJoinedPlan(plan)) await unregisterHost(plan.address, settings).catch(() => undefined);
}

const orGoOn =
  (stop: AbortSignal) =>
  (error: Error): string => {
    if (stop.aborted) throw error;
    return error.message;
  };
