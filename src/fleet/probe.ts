import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const PROBE_TIMEOUT_MS = 1_000;
const PROBE_EVERY_MS = 100;

/** What a server says of itself on its own port: totals since its start. */
export interface ServerStats {
  name: string;
  pid: number;
  state: 'ok' | 'degraded' | 'bad' | 'draining';
  connections: number;
  rooms: number;
  calls: number;
  deliveries: number;
  cpuMicros: number;
  memoryBytes: number;
  loop: { utilization: number; delayP99Ms: number };
  startedAt: number;
}

/** The statistics of the server on this port, or undefined when it does not answer within a second. */
export async function readStats(port: number): Promise<ServerStats | undefined> {
  const response = await get(`http://127.0.0.1:${port}/stats`);
  if (response?.ok !== true) return undefined;
  return (await response.json().catch(() => undefined)) as ServerStats | undefined;
}

/** Whether a GET is answered with success within a second. */
export async function answers(url: string): Promise<boolean> {
  return (await get(url))?.ok === true;
}

/** Whether the Redis on this port answers within a second; that it wants a password is an answer. */
export function redisAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => end(false));
    socket.once('data', () => end(true)).once('error', () => end(false));
  });
}

/** Asks again and again; returns whether the answer became true in time. Stops early when told to. */
export async function until(
  ask: () => Promise<boolean>,
  withinMs: number,
  stop?: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    stop?.throwIfAborted();
    if (await ask()) return true;
    if (Date.now() > deadline) return false;
    await sleep(PROBE_EVERY_MS);
  }
}

async function get(url: string): Promise<Response | undefined> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  } catch {
    return undefined;
  }
}
