import type { Socket } from 'engine.io';
import { cut, placeOf, type Place } from './backlog';
import type { ServerToClient } from '../../protocol/events';
import { textOf } from './packet';
import type { ChatIo } from './sockets';
import { every } from '../../rounds';

/** How long a client may take nothing of what waits for it: of Engine.IO's ping timeout, which would close it without a word. */
const TOO_SLOW = 0.75;
const LOOKS = 10;
/** A client that reads again within this time learns why it was closed (ms). */
const GOODBYE_MS = 5_000;

const bye: Parameters<ServerToClient['bye']>[0] = {
  code: 'too_slow',
  message: 'The connection took nothing for too long: come back.',
};

interface Stuck {
  place: Place;
  since: number;
}

/**
 * Closes connections that do not read, or do not poll, what waits for them. They are closed at Engine.IO level: who
 * comes back goes on where it was. One timer looks at all of them; only those for which something waits cost more.
 */
export class SlowReaders {
  private stuck = new Map<Socket, Stuck>();
  private readonly tooSlowMs: number;
  private readonly endRounds: () => void;

  constructor(
    private readonly io: ChatIo,
    pingTimeoutMs: number,
  ) {
    this.tooSlowMs = pingTimeoutMs * TOO_SLOW;
    this.endRounds = every(this.tooSlowMs / LOOKS, () => this.look());
  }

  stop(): void {
    this.endRounds();
  }

  private look(): void {
    const now = performance.now();
    const before = this.stuck;
    this.stuck = new Map();
    for (const { conn } of this.io.of('/').sockets.values()) {
      const place = placeOf(conn);
      if (!place || conn.readyState !== 'open') continue;
      const known = before.get(conn);
      const isSame = known?.place.next === place.next && known?.place.bytes === place.bytes;
      const since = known && isSame ? known.since : now;
      if (now - since < this.tooSlowMs) this.stuck.set(conn, { place, since });
      else this.end(conn);
    }
  }

  private end(conn: Socket): void {
    conn.write(textOf('bye', bye));
    conn.close();
    // Also of a closed one: what was handed to the kernel's queue would wait for half a minute more.
    setTimeout(cut, GOODBYE_MS, conn).unref();
  }
}
