import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import type { Answer, ClientToServer, JoinAnswer, SendAnswer, ServerToClient } from '../protocol/events';
import type { Settings } from '../config/settings';
import { serverUrl } from './address';
import type { PlannedServer } from './plan';
import { issueToken, signsTokens } from './token';

/** Nobody but this check joins it. */
const ROOM = 'fleet-check';
const STEP_TIMEOUT_MS = 3_000;
const USER = 'fleet-check';
const TOKEN_MS = 60_000;

/** How the check comes in. */
export type CheckAuth = { name: string } | { token: string };

type Client = Socket<ServerToClient, ClientToServer>;

/** As a guest or, where these are not allowed, by a token; undefined: neither is possible. */
export async function checkAuth(settings: Settings): Promise<CheckAuth | undefined> {
  if (settings.guests) return { name: USER };
  if (!signsTokens(settings)) return undefined;
  const { token } = await issueToken(settings, { user: USER, rooms: [ROOM], forMs: TOKEN_MS });
  return { token };
}

/**
 * Sends a message through one server and waits for it there and on another one, as two people would.
 * Returns the time from sending to seeing in milliseconds; rejects with the reason when it does not arrive.
 */
export async function sendAcross(from: PlannedServer, to: PlannedServer, auth: CheckAuth): Promise<number> {
  const [sender, reader] = [connect(from, auth), connect(to, auth)];
  try {
    await Promise.all([joined(sender, from), joined(reader, to)]);
    const id = randomUUID();
    const seen = [seenBy(sender, id, from), seenBy(reader, id, to)];
    const sentAt = performance.now();
    await Promise.all([...seen, sent(sender, id, from)]);
    return performance.now() - sentAt;
  } finally {
    sender.disconnect();
    reader.disconnect();
  }
}

function connect(server: PlannedServer, auth: CheckAuth): Client {
  return io(serverUrl(server), {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth,
  });
}

async function joined(client: Client, { name }: PlannedServer): Promise<void> {
  const refused = new Promise<never>((_, reject) => {
    client.once('connect_error', (error) => reject(new Error(`${name} refuses: ${error.message}`)));
  });
  const asked: Promise<unknown> = client.timeout(STEP_TIMEOUT_MS).emitWithAck('join', { room: ROOM });
  const answer = (await Promise.race([asked, refused])) as Answer<JoinAnswer>;
  if (!answer.ok) throw new Error(`${name} refuses the join: ${answer.error.message}`);
  if (answer.reason === 'degraded') throw new Error(`${name} has no Redis`);
}

async function sent(client: Client, id: string, { name }: PlannedServer): Promise<void> {
  const payload = { room: ROOM, text: 'fleet up', id };
  const asked: Promise<unknown> = client.timeout(STEP_TIMEOUT_MS).emitWithAck('sendMessage', payload);
  const answer = (await asked) as Answer<SendAnswer>;
  if (!answer.ok) throw new Error(`${name} refuses the message: ${answer.error.message}`);
}

function seenBy(client: Client, id: string, { name }: PlannedServer): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${name} did not deliver the message`)), STEP_TIMEOUT_MS);
    client.on('messages', (entries) => {
      if (!entries.some((entry) => entry.id === id)) return;
      clearTimeout(late);
      resolve();
    });
  });
}
