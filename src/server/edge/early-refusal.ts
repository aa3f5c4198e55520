import { codes, type WireError } from '../../protocol/codes';
import type { Counters } from '../flow/counters';
import type { Slices } from '../flow/slices';
import type { Load } from '../flow/types';
import { Refusals } from './refusals';
import type { ChatIo, ChatSocket } from './sockets';

/** What makes work for everybody, or for Redis: refused when there is too much of it. */
const refusable = ['sendMessage', 'editMessage', 'deleteMessage', 'react', 'history', 'search'] as const;
type Refusable = (typeof refusable)[number];

/** An event of the default namespace as Socket.IO writes it: 2, the number of the acknowledgement if there is one, JSON. */
const EVENT = new RegExp(`^2(\\d*)\\["(${refusable.join('|')})"`);

export interface EarlyRefusal {
  /** To be called before a server closes its connections: what was refused is told now. */
  flush(): void;
}

/**
 * Refuses what is too much as soon as it has been read, before Socket.IO parses it: refusing must cost little beside
 * what is refused, or an overloaded server does nothing else.
 */
export function refuseEarly(
  io: ChatIo,
  load: Pick<Load, 'refuseSend'>,
  counters: Counters,
  slices: Slices,
): EarlyRefusal {
  const refusals = new Refusals(slices);
  const refuses = (conn: ChatSocket['conn'], data: unknown): boolean => {
    const found = typeof data === 'string' ? EVENT.exec(data) : null;
    const retryAfterMs = found ? load.refuseSend() : 0;
    if (retryAfterMs === 0) return false;
    const [, ack, event] = found as unknown as [string, string, Refusable];
    counters.calls[event]++;
    counters.refused.overloaded++;
    if (ack !== '') refusals.add(conn, () => void conn.write(`3${ack}${answer(retryAfterMs)}`));
    return true;
  };
  io.engine.on('connection', (conn: ChatSocket['conn']) => {
    // Socket.IO has put its own listener there just now.
    const listeners = conn.listeners('data') as ((data: unknown) => void)[];
    conn.removeAllListeners('data');
    conn.on('data', (data: unknown) => {
      if (!refuses(conn, data)) for (const listener of listeners) listener(data);
    });
  });
  return refusals;
}

function answer(retryAfterMs: number): string {
  const error: WireError = { code: 'overloaded', message: codes.overloaded.meaning, retryAfterMs };
  return JSON.stringify([{ ok: false, error }]);
}
