import { setTimeout as sleep } from 'node:timers/promises';
import { isGreeted } from './peers';
import type { ChatIo, ChatSocket } from './sockets';

export interface Move {
  withinMs: number;
  reason: string;
  /** Where to go, if not wherever nginx leads. */
  server?: string | undefined;
}

/** People are asked, and later closed, in so many portions, so that other servers do not get them all at once. */
const PORTIONS = 10;
/** What a WebSocket that outlived a reload of nginx gets to move by itself. */
const AFTER_RELOAD_MS = 30_000;

/**
 * The door of a server: whether it lets newcomers in, and how it asks those inside to go to another one. Who does not
 * go is closed at Engine.IO level: a disconnect of Socket.IO would tell stock clients never to come back.
 */
export class Door {
  isClosed = false;
  private emptying = new AbortController();
  /** Of those who will be asked to move after a reload. */
  private readonly leaving = new WeakSet<ChatSocket>();
  /** All sessions, with the time when they came, in ms since 1970. */
  private readonly sessions = new Map<ChatSocket['conn'], number>();

  constructor(private readonly io: ChatIo) {
    io.engine.on('connection', (session: ChatSocket['conn']) => {
      this.sessions.set(session, Date.now());
      session.once('close', () => this.sessions.delete(session));
    });
  }

  /** Newcomers get 503, so that nginx leads them to another server. */
  close(): void {
    this.isClosed = true;
  }

  /** Newcomers are welcome again; who has not moved yet may stay. */
  open(): void {
    this.isClosed = false;
    this.emptying.abort();
  }

  /**
   * Sends everybody away, and resolves when they are gone, at the latest after this time. For half of it they are
   * asked, each to go at a moment of its own; in the last quarter those who stayed are closed.
   */
  async drain({ withinMs, reason, server }: Move): Promise<void> {
    this.close();
    this.emptying.abort();
    const { signal } = (this.emptying = new AbortController());
    const quarter = withinMs / 4;
    const order = (part: ChatSocket[]): void => this.ask(part, { withinMs: quarter, reason, server });
    try {
      await inPortions(this.greeted(), 2 * quarter, order, signal);
      await this.waitUntilEmpty(quarter, signal);
      await inPortions(
        [...this.sessions.keys()],
        quarter,
        (part) => part.forEach((each) => each.close()),
        signal,
      );
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Asks some of those inside to go; returns how many. Nobody is closed who stays, so not always the same are asked. */
  moveSome(count: number, move: Move): number {
    const all = this.greeted();
    const from = Math.floor(Math.random() * all.length);
    const some = [...all.slice(from), ...all.slice(0, from)].slice(0, count);
    this.ask(some, move);
    return some.length;
  }

  /**
   * nginx was reloaded at this time: every WebSocket from before holds an old worker. Each is asked to move at a
   * random moment between a quarter of `spreadMs` and all of it. May be told again and again.
   */
  afterReload(at: number, spreadMs: number): void {
    for (const socket of this.greeted()) {
      const { conn } = socket;
      const isOld = (this.sessions.get(conn) ?? at) < at && conn.transport.name === 'websocket';
      if (!isOld || this.leaving.has(socket)) continue;
      this.leaving.add(socket);
      const timer = setTimeout(() => this.moveOrClose(socket), spreadMs * (0.25 + 0.75 * Math.random()));
      timer.unref();
      socket.once('disconnect', () => clearTimeout(timer));
    }
  }

  private moveOrClose(socket: ChatSocket): void {
    this.ask([socket], { withinMs: AFTER_RELOAD_MS, reason: 'reload' });
    const timer = setTimeout(() => socket.conn.close(), AFTER_RELOAD_MS).unref();
    socket.once('disconnect', () => clearTimeout(timer));
  }

  private ask(sockets: ChatSocket[], { withinMs, reason, server }: Move): void {
    const move = { withinMs: Math.round(withinMs), reason, ...(server !== undefined && { server }) };
    for (const socket of sockets) if (socket.connected) socket.emit('move', move);
  }

  private async waitUntilEmpty(withinMs: number, signal: AbortSignal): Promise<void> {
    for (let i = 0; i < PORTIONS && this.sessions.size > 0; i++)
      await sleep(withinMs / PORTIONS, undefined, { signal, ref: false });
  }

  /** Nothing comes before `hello`. */
  private greeted(): ChatSocket[] {
    return [...this.io.of('/').sockets.values()].filter(isGreeted);
  }
}

async function inPortions<T>(
  all: T[],
  withinMs: number,
  work: (part: T[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const size = Math.ceil(all.length / PORTIONS);
  for (let from = 0; from < all.length; from += size) {
    work(all.slice(from, from + size));
    await sleep(withinMs / PORTIONS, undefined, { signal, ref: false });
  }
}
