import { get as getPlain } from 'node:http';
import { get as getTls } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerStats } from '../protocol/stats';
import { serverUrl } from './address';
import type { PlannedServer } from './plan';
import { isStatsOf } from './stats';

const PROBE_TIMEOUT_MS = 1_000;
const PROBE_EVERY_MS = 100;

/**
 * The statistics of a server, or undefined when it does not answer in time, or something else does. One of another
 * machine wants to know from the secret that it is the operator who asks.
 */
export async function readStats(
  server: PlannedServer,
  withinMs = PROBE_TIMEOUT_MS,
  secret?: string,
): Promise<ServerStats | undefined> {
  try {
    const response = await fetch(serverUrl(server, '/stats'), {
      signal: AbortSignal.timeout(withinMs),
      ...(secret !== undefined && { headers: { Authorization: `Bearer ${secret}` } }),
    });
    const said: unknown = response.ok ? await response.json() : undefined;
    return isStatsOf(server.name, said) ? said : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a server answers at all: `refused` when nothing listens there. */
export async function probe(server: PlannedServer, withinMs: number): Promise<'yes' | 'refused' | 'no'> {
  try {
    await fetch(serverUrl(server, '/livez'), { signal: AbortSignal.timeout(withinMs) });
    return 'yes';
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    return cause?.code === 'ECONNREFUSED' || cause?.code === 'ECONNRESET' ? 'refused' : 'no';
  }
}

/**
 * Whether a GET is answered with success within a second. What a certificate says does not matter: this
 * asks our own nginx by its address, and the certificate is of its name.
 */
export function answers(url: string): Promise<boolean> {
  const get = url.startsWith('https:') ? getTls : getPlain;
  const options = {
    agent: false,
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  } as const;
  return new Promise((resolve) => {
    const request = get(url, options, ({ statusCode = 0 }) => {
      resolve(statusCode >= 200 && statusCode < 300);
      request.destroy();
    });
    request.on('error', () => resolve(false));
  });
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
