import { LOBBY } from '../../protocol/limits';
import type { CrowdClient } from '../client';
import { now } from '../journal';
import { waitUntil } from '../waiting';
import type { ChaosFleet } from './fleet';

const LOOK_EVERY_MS = 200;
const CATCH_UP_MS = 2_000;

export interface Recovery {
  /** Until everything answered, everybody was in all his rooms again and had got as far as everybody else, in ms. */
  tookMs: number;
  /** Who was not well when the time was over; empty if all were. */
  missing: string[];
}

/** Waits until fleet and clients are whole. */
export async function recovered(
  fleet: ChaosFleet,
  clients: readonly CrowdClient[],
  withinMs: number,
  stop: AbortSignal,
): Promise<Recovery> {
  const start = now();
  for (;;) {
    stop.throwIfAborted();
    const missing = [...(await fleet.complaints()), ...absent(clients)];
    if (missing.length === 0 && (await allReach(clients))) return { tookMs: now() - start, missing };
    if (now() - start > withinMs)
      return { tookMs: now() - start, missing: missing.length > 0 ? missing : behind(clients) };
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function absent(clients: readonly CrowdClient[]): string[] {
  const out = clients.filter((client) => !client.ready);
  if (out.length === 0) return [];
  const [first] = out as [CrowdClient];
  const { client, events } = first.journal;
  const said = events.slice(-3).map((event) => ('what' in event ? event.what : event.type));
  return [
    `${out.length} of ${clients.length} clients are not in all their rooms: ${client} (${said.join(', ')})`,
  ];
}

/** Whether all members of each room get to where one of them is now. */
function allReach(clients: readonly CrowdClient[]): Promise<boolean> {
  const heads = headsOf(clients);
  return waitUntil(() => clients.every((client) => isAtHeads(client, heads)), CATCH_UP_MS);
}

function behind(clients: readonly CrowdClient[]): string[] {
  const heads = headsOf(clients);
  const count = clients.filter((client) => !isAtHeads(client, heads)).length;
  return [`${count} of ${clients.length} clients are behind`];
}

type Heads = Map<string, { epoch: string; seq: number }>;

function headsOf(clients: readonly CrowdClient[]): Heads {
  const heads: Heads = new Map();
  for (const client of clients) {
    for (const room of [LOBBY, ...client.rooms]) {
      const [position, head] = [client.memberships.at(room), heads.get(room)];
      if (position && (!head || head.seq < position.seq)) heads.set(room, position);
    }
  }
  return heads;
}

function isAtHeads({ memberships, rooms }: CrowdClient, heads: Heads): boolean {
  return [LOBBY, ...rooms].every((room) => {
    const head = heads.get(room);
    return !head || memberships.isAt(room, head.epoch, head.seq);
  });
}
