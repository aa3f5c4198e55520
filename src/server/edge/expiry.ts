import { codes } from '../../protocol/codes';
import type { Lifetime } from '../flow/types';
import type { SocketConnection } from './connection';

/** `expiring` comes a fifth of the remaining life before the end, at most this long. */
const WARNING_MS = 60_000;
const WARNING_SHARE = 1 / 5;
// Above 2^31 ms setTimeout fires at once; an hour also notices a wall clock that was set.
const LONGEST_WAIT_MS = 3_600_000;

/** Ends a session when its token is over, with a warning ahead. To be stopped when the connection ends. */
export class Expiry implements Lifetime {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly connection: SocketConnection) {}

  /** Replaces any earlier end. `expiresAt`: ms since 1970. */
  until(expiresAt: number): void {
    const life = Math.max(0, expiresAt - Date.now());
    this.at(expiresAt - Math.min(WARNING_MS, life * WARNING_SHARE), () => {
      this.connection.send('expiring', { expiresAt });
      this.at(expiresAt, () => this.end());
    });
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private at(time: number, act: () => void): void {
    this.stop();
    const waitMs = time - Date.now();
    if (waitMs <= 0) return act();
    this.timer = setTimeout(() => this.at(time, act), Math.min(waitMs, LONGEST_WAIT_MS));
  }

  /** At Engine.IO level: after a Socket.IO-level disconnect stock clients would not come back with a new token. */
  private end(): void {
    this.connection.send('bye', { code: 'auth_expired', message: codes.auth_expired.meaning });
    this.connection.socket.conn.close();
  }
}
