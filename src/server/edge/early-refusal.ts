import { codes } from '../../protocol/codes';
import type { Counters } from '../flow/counters';
import type { Slices } from '../flow/slices';
import type { Limit } from './load';
import { frameOf, MESSAGE, type Framed } from './packet';
import { Refusals } from './refusals';
import { skim } from './skim';
import type { ChatIo } from './sockets';
import { webSocketOf, type Conn } from './undeclared';

/** What makes work for everybody, or for Redis: refused when there is too much of it. */
const refusable = ['sendMessage', 'editMessage', 'deleteMessage', 'react', 'history', 'search'] as const;
type Refusable = (typeof refusable)[number];

/** An event of the default namespace as Socket.IO reads it: 2, the number of the acknowledgement if there is one, JSON. */
const EVENT = new RegExp(`^2(?:/,)?(\\d*)\\[\\s*"(${refusable.join('|')})"`);

export interface EarlyRefusal {
  /** To be called before a server closes its connections: what was refused is told now. */
  flush(): void;
}

/**
 * Refuses what is too much as soon as it has been read, before Socket.IO parses it, and if it can be before `ws` does:
 * refusing must cost little beside what is refused, or an overloaded server does nothing else.
 */
export function refuseEarly(io: ChatIo, limit: Limit, counters: Counters, slices: Slices): EarlyRefusal {
  const refusals = new Refusals<Conn>(slices, (conn, acks) => {
    const answers = acks.map((ack) => answer(ack, limit.retryAfterMs()));
    tell(conn, answers);
  });
  const refuses = (conn: Conn, data: unknown): boolean => {
    const found = typeof data === 'string' ? EVENT.exec(data) : null;
    if (!found || !limit.refuses()) return false;
    const [, ack, event] = found as unknown as [string, string, Refusable];
    counters.calls[event]++;
    counters.refused.overloaded++;
    if (ack !== '') refusals.add(conn, Number(ack)); // as Socket.IO reads it
    return true;
  };
  const skimFrames = (conn: Conn): void =>
    skim(conn.transport, {
      // Whoever is closed may send for a while.
      isOn: () => conn.readyState === 'open' && limit.isRefusing,
      takes: (text) => text.startsWith(MESSAGE) && refuses(conn, text.slice(MESSAGE.length)),
    });
  io.engine.on('connection', (conn: Conn) => {
    skimFrames(conn);
    conn.once('upgrade', () => skimFrames(conn));
    // Socket.IO has put its own listener there just now.
    const listeners = conn.listeners('data') as ((data: unknown) => void)[];
    conn.removeAllListeners('data');
    conn.on('data', (data: unknown) => {
      if (!refuses(conn, data)) for (const listener of listeners) listener(data);
    });
  });
  return refusals;
}

const ERROR = `"code":"overloaded","message":${JSON.stringify(codes.overloaded.meaning)}`;

function answer(ack: number, retryAfterMs: number): string {
  return `3${ack}[{"ok":false,"error":{${ERROR},"retryAfterMs":${retryAfterMs}}}]`;
}

/** To a WebSocket in one packet that is many frames: each packet is a way of its own through Engine.IO. */
function tell(conn: Conn, answers: string[]): void {
  if (!webSocketOf(conn.transport)) return answers.forEach((one) => conn.write(one));
  const options: Framed = { wsPreEncodedFrame: [Buffer.concat(answers.map(frameOf))] };
  conn.write(answers.join(), options); // the text only counts for what waits
}
