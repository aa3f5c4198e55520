import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config/settings';
import { serverUrl } from '../fleet/address';
import { takeLock } from '../fleet/lock';
import { answers, until } from '../fleet/probe';
import { readText } from '../fleet/text-file';
import type { ChatServer } from './server';

/** A server that has waited so long for its turn drains without: 8 to 11 s pass between two where 500 people are on two cores. */
const TURN_WITHIN_MS = 20_000;
/** Together with the turn and the stop itself this stays below PM2's kill timeout (src/fleet/apps.ts). */
const DRAIN_MS = 3_000;
/** Who drained longer ago than this is not waited for: it was stopped for good. */
const LATELY_MS = 15_000;

/**
 * Sends the people of a server that is to stop to the others, one server after the other: `pm2 reload` stops two at
 * once, and then they would have nowhere to go. It serves until it is its turn, which is when the one before it is
 * up again.
 */
export async function drainInTurn(
  server: Pick<ChatServer, 'drain'>,
  { varDir, serverHost }: Pick<Settings, 'varDir' | 'serverHost'>,
  port: number,
): Promise<void> {
  const file = join(varDir, 'drain.lock');
  const deadline = Date.now() + TURN_WITHIN_MS;
  const lock = await Promise.race([takeLock(file), sleep(TURN_WITHIN_MS, undefined, { ref: false })]);
  const before = lock && lastOf(file);
  if (before !== undefined && before !== port)
    await until(
      () => answers(serverUrl({ address: serverHost, port: before }, '/readyz')),
      deadline - Date.now(),
    );
  await server.drain(DRAIN_MS);
  if (lock) writeFileSync(file, `${port} ${Date.now()}\n`);
}

/** Port of the server that drained last, if that was lately. The lock is held until the process ends. */
function lastOf(file: string): number | undefined {
  const [port, at] = (readText(file) ?? '').split(' ').map(Number);
  return at !== undefined && Date.now() - at < LATELY_MS ? port : undefined;
}
