import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import type { Entry } from '../protocol/entries';
import type { Answer, ClientToServer, JoinAnswer, SendAnswer, ServerToClient } from '../protocol/events';
import type { PlannedServer } from './plan';

/** Nobody but this check joins it. */
const ROOM = 'fleet-check';
const STEP_TIMEOUT_MS = 3_000;

type Client = Socket<ServerToClient, ClientToServer>;

/**
 * Sends a message through one server and waits for it on another one, as two people would.
 * Returns the time from sending to seeing in milliseconds; rejects with the reason when it does not arrive.
 */
export async function sendAcross(from: PlannedServer, to: PlannedServer): Promise<number> {
  const [sender, reader] = [connect(from), connect(to)];
  try {
    await Promise.all([joined(sender, from), joined(reader, to)]);
    const id = randomUUID();
    const seen = seenBy(reader, id, to);
    const sentAt = performance.now();
    await Promise.all([seen, sent(sender, id, from)]);
    return performance.now() - sentAt;
  } finally {
    sender.disconnect();
    reader.disconnect();
  }
}

function connect({ port }: PlannedServer): Client {
  return io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { name: 'fleet-check' },
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
    client.on('messages', (entries: Entry[]) => {
      if (!entries.some((entry) => entry.id === id)) return;
      clearTimeout(late);
      resolve();
    });
  });
}
