import { setTimeout as sleep } from 'node:timers/promises';
import { codes } from '../../protocol/codes';
import type { BanList } from '../people/bans';
import { isGreeted } from './peers';
import type { ChatIo } from './sockets';

/** Longer than a server that lives, but is busy, needs to answer. */
const PEERS_WITHIN_MS = 3_000;

/** `everywhere`: all other servers have answered. */
export interface Kicked {
  ended: number;
  everywhere: boolean;
}

/** Ends connections for good: a stock client does not come back by itself after that. */
export class Kicker {
  constructor(
    private readonly io: ChatIo,
    private readonly bans: BanList,
  ) {
    bans.onLoaded(() => this.endHere((userId) => bans.isBanned(userId)));
  }

  /** On every server. Never rejects. */
  async kick(userId: string): Promise<Kicked> {
    const here = this.kickHere(userId);
    const others = this.io.serverSideEmitWithAck('kick', userId).catch(() => undefined);
    const counts = await Promise.race([others, sleep(PEERS_WITHIN_MS, undefined, { ref: false })]);
    const elsewhere = (counts ?? []).reduce((sum, count) => sum + count, 0);
    return { ended: here + elsewhere, everywhere: counts !== undefined };
  }

  /** On this server; returns the number of connections that were ended. */
  kickHere(userId: string): number {
    return this.endHere((id) => id === userId);
  }

  /** Bans the user as well. Rejects with RedisAway: then nothing was done. `until`: 0 for ever. */
  async ban(user: string, until: number): Promise<Kicked> {
    await this.bans.add({ user, until });
    const kicked = await this.kick(user);
    // Who came back since is ended by this: he is on the list now.
    this.io.serverSideEmit('bans');
    await this.bans.tidy().catch(() => undefined);
    return kicked;
  }

  /** Resolves with whether he was banned. Rejects with RedisAway. */
  async unban(user: string): Promise<boolean> {
    const wasBanned = await this.bans.remove(user);
    this.io.serverSideEmit('bans');
    return wasBanned;
  }

  private endHere(concerns: (userId: string) => boolean): number {
    const sockets = [...this.io.of('/').sockets.values()].filter(({ data }) => concerns(data.user.id));
    for (const socket of sockets) {
      // Nothing comes before `hello`.
      if (isGreeted(socket)) socket.emit('bye', { code: 'kicked', message: codes.kicked.meaning });
      socket.disconnect(true);
    }
    return sockets.length;
  }
}
